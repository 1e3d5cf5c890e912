/** What server-side apply knows of a type: which fields a value has, how values differ, and how they merge. */
import type { FieldSet } from './field-set.ts';

/** How two values differ: fields that only the second has, that both have with other values, that only the first has. */
export interface Difference {
  readonly added: FieldSet | undefined;
  readonly modified: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

/**
 * A type, compiled once from a schema. Sets are relative to the value, whose own membership is the root's. An undefined
 * value is absent; null is a value that holds nothing. Nothing changes its arguments; results may share their parts.
 */
export interface MergeType {
  /** The leaves and elements that a value mentions; undefined for containers that hold nothing. */
  fieldsOf(value: unknown): FieldSet | undefined;
  /** All that appears when the value does: its fields and every container around them, itself included. */
  wholeOf(value: unknown): FieldSet;
  /** Undefined when the values are equal. Both must be present. */
  compare(before: unknown, after: unknown): Difference | undefined;
  /** The value with the configuration put over it: itself, if that changes nothing. Both must be present. */
  merge(value: unknown, configuration: unknown): unknown;
  /** The value without the fields of a set, of which the value itself is not one; null when nothing is left. */
  remove(value: unknown, set: FieldSet): unknown;
  /** The set with the named fields on the way to its members, which are otherwise only implied. */
  withNamedFields(set: FieldSet): FieldSet;
  /** The set as it is for this type: owners of parts of what has become atomic own the whole. */
  reconcile(set: FieldSet): FieldSet;
  /** Reports what of a configuration does not fit the type. */
  check(value: unknown, report: CheckReport): void;
}

/** Where a check stands and what it has found. */
export class CheckReport {
  readonly errors: string[] = [];
  readonly #path: string[] = [];

  /** Runs a check of what `printed` leads to. */
  within(printed: string, check: () => void): void {
    this.#path.push(printed);
    check();
    this.#path.pop();
  }

  /** Notes a fault at the present place. */
  fault(message: string, printed = ''): void {
    const path = this.#path.join('') + printed;
    if (this.errors.length < 100) this.errors.push(path === '' ? message : `${path}: ${message}`);
  }

  /** All faults as one text. Source: structured-merge-diff's ValidationErrors. */
  toString(): string {
    return this.errors.length === 1 ? this.errors[0]! : ['errors:', ...this.errors.map((e) => `  ${e}`)].join('\n');
  }
}
