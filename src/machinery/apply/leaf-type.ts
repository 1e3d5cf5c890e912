import { equalJson } from '../patch/equal-json.ts';
import type { ScalarKind, SchemaNode } from '../schema.ts';
import { modifiedLeaf } from './difference-builder.ts';
import { hasChildren, leaf } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import type { CheckReport, Difference, MergeType } from './merge-type.ts';
import { valueText, valueType } from './value-text.ts';

/** What is owned and replaced as a whole: scalars, and atomic lists, maps and structs. */
export class LeafType implements MergeType {
  readonly #kind: SchemaNode['kind'];
  readonly #isContainer: boolean;
  /** For atomic containers: what they hold. */
  readonly #content: (() => Pick<MergeType, 'check'>) | undefined;

  constructor(kind: SchemaNode['kind'], content?: () => Pick<MergeType, 'check'>) {
    this.#kind = kind;
    this.#content = content;
    this.#isContainer = content !== undefined;
  }

  fieldsOf(): FieldSet {
    return leaf;
  }

  wholeOf(): FieldSet {
    return leaf;
  }

  compare(before: unknown, after: unknown): Difference | undefined {
    return equalJson(before, after) ? undefined : modifiedLeaf;
  }

  merge(value: unknown, configuration: unknown): unknown {
    return equalJson(value, configuration) ? value : configuration;
  }

  remove(value: unknown): unknown {
    return this.#isContainer ? null : value;
  }

  withNamedFields(set: FieldSet): FieldSet {
    return set;
  }

  reconcile(set: FieldSet): FieldSet {
    return this.#isContainer && hasChildren(set) ? leaf : set;
  }

  check(value: unknown, report: CheckReport): void {
    if (value === null) return;
    if (this.#content) return this.#content().check(value, report);
    const fault = scalarFault(this.#kind as ScalarKind, value);
    if (fault !== undefined) report.fault(fault);
  }
}

/** Source: structured-merge-diff's validateScalar. */
function scalarFault(kind: ScalarKind, value: unknown): string | undefined {
  switch (kind) {
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${valueType(value)}`;
    case 'bool':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${valueText(value)}`;
    case 'quantity':
    case 'intOrString':
      return typeof value === 'object' ? `expected any scalar, got ${valueText(value)}` : undefined;
    default:
      return typeof value === 'string' ? undefined : `expected string, got ${valueText(value)}`;
  }
}
