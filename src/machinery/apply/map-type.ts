import type { JsonObject } from '../../base/json.ts';
import { equalJson } from '../patch/equal-json.ts';
import { isJsonObject } from '../schema.ts';
import { DifferenceBuilder, modifiedLeaf } from './difference-builder.ts';
import { hasChildren, isMember, leaf, ordered, withMembership } from './field-set.ts';
import type { FieldSet, FieldSetDraft } from './field-set.ts';
import type { CheckReport, Difference, MergeType } from './merge-type.ts';
import { valueText } from './value-text.ts';

/** A field of a struct as merging sees it. */
export interface StructField {
  readonly name: string;
  readonly type: MergeType;
  /** What absence stands for where Go has no pointer: there the field is always present. */
  readonly zero: unknown;
  /** Has owners. */
  readonly tracked: boolean;
  /** Is not implied by what is in it, so that it never goes as a whole. */
  readonly permanent?: boolean;
}

/** What a map may hold. */
export interface MapShape {
  /** Those of a struct. */
  readonly fields: readonly StructField[];
  /** The type of all others; undefined where there must be none. */
  readonly others: MergeType | undefined;
}

interface Plan extends StructField {
  readonly element: string;
  /** Every JavaScript object seems to have a member of this name. */
  readonly inherited: boolean;
}

interface CompiledShape {
  /** The fields that have owners, in the order of sets. */
  readonly plans: readonly Plan[];
  readonly named: ReadonlyMap<string, StructField>;
  readonly others: MergeType | undefined;
}

/** A struct or a map whose parts have owners of their own. */
export class MapType implements MergeType {
  readonly #shapeOf: () => MapShape;
  #compiled: CompiledShape | undefined;

  /** `shapeOf` is called on first use, since structs may hold themselves. */
  constructor(shapeOf: () => MapShape) {
    this.#shapeOf = shapeOf;
  }

  get #shape(): CompiledShape {
    return (this.#compiled ??= compileShape(this.#shapeOf()));
  }

  fieldsOf(value: unknown): FieldSet | undefined {
    if (!isMap(value)) return undefined;
    const { plans, named, others } = this.#shape;
    let target: FieldSetDraft | undefined;
    for (const plan of plans) {
      const member = memberOf(value, plan);
      if (member === undefined) continue;
      const below = plan.type.fieldsOf(member);
      const node = isNothing(member) ? asMember(below) : below;
      if (node !== undefined) (target ??= {})[plan.element] = node;
    }
    if (!others) return target;
    for (const key in value) {
      const member = value[key];
      if (member === undefined || named.has(key)) continue;
      (target ??= {})[`f:${key}`] = asMember(others.fieldsOf(member));
    }
    return target && ordered(target);
  }

  wholeOf(value: unknown): FieldSet {
    if (!isMap(value)) return leaf;
    const { plans, named, others } = this.#shape;
    const target: FieldSetDraft = { '.': leaf };
    for (const plan of plans) {
      const member = memberOf(value, plan);
      if (member !== undefined) target[plan.element] = plan.type.wholeOf(member);
    }
    if (others) {
      for (const key in value) {
        if (value[key] !== undefined && !named.has(key)) target[`f:${key}`] = others.wholeOf(value[key]);
      }
    }
    if (!hasChildren(target)) return leaf;
    return others ? ordered(target) : target;
  }

  compare(before: unknown, after: unknown): Difference | undefined {
    if (before === after) return undefined;
    const [old, next] = [mapOf(before), mapOf(after)];
    if (old === empty && next === empty) return equalJson(before, after) ? undefined : modifiedLeaf;
    const differences = new DifferenceBuilder();
    for (const plan of this.#shape.plans) {
      const [was, is] = [memberOf(old, plan), memberOf(next, plan)];
      if (was !== is) comparePart(differences, plan, { was: was ?? plan.zero, is: is ?? plan.zero });
    }
    this.#compareOthers(old, next, differences);
    return differences.result({ sorted: this.#shape.others === undefined });
  }

  #compareOthers(old: JsonObject, next: JsonObject, differences: DifferenceBuilder): void {
    const { named, others: type } = this.#shape;
    if (!type) return;
    for (const key in old) {
      const was = old[key];
      const is = Object.hasOwn(next, key) ? next[key] : undefined;
      if (was !== is && !named.has(key)) comparePart(differences, { element: `f:${key}`, type }, { was, is });
    }
    for (const key in next) {
      if (Object.hasOwn(old, key) || named.has(key)) continue;
      comparePart(differences, { element: `f:${key}`, type }, { was: undefined, is: next[key] });
    }
  }

  merge(value: unknown, configuration: unknown): unknown {
    const [old, sent] = [mapOf(value), mapOf(configuration)];
    // That nothing is there is a value as well: null and empty differ.
    if (old === empty && sent === empty) return equalJson(value, configuration) ? value : configuration;
    if (sent === empty) return value;
    if (old === empty) return configuration;
    let target: Record<string, unknown> | undefined;
    for (const key of Object.keys(sent)) {
      const part = sent[key];
      if (part === undefined) continue;
      const was = Object.hasOwn(old, key) ? old[key] : undefined;
      const type = was === undefined ? undefined : this.#typeOf(key);
      const merged = type ? type.merge(was, part) : part;
      if (merged !== was) assign((target ??= { ...old }), key, merged);
    }
    return target ?? value;
  }

  remove(value: unknown, set: FieldSet): unknown {
    const target: Record<string, unknown> = {};
    let any = false;
    for (const [key, part] of Object.entries(mapOf(value))) {
      const node = set[`f:${key}`];
      if (part === undefined || (node !== undefined && isMember(node))) continue;
      const type = node && this.#typeOf(key);
      assign(target, key, node && type ? type.remove(part, node) : part);
      any = true;
    }
    return any ? target : null;
  }

  withNamedFields(set: FieldSet): FieldSet {
    return mapChildren(set, (child, element) => {
      const name = element.slice(2);
      const type = element.startsWith('f:') ? this.#typeOf(name) : undefined;
      if (!type || !hasChildren(child)) return child;
      const below = type.withNamedFields(child);
      const field = this.#shape.named.get(name);
      return field && !field.permanent ? asMember(below) : below;
    });
  }

  reconcile(set: FieldSet): FieldSet {
    return mapChildren(set, (child, element) => {
      const type = element.startsWith('f:') ? this.#typeOf(element.slice(2)) : undefined;
      return type ? type.reconcile(child) : child;
    });
  }

  check(value: unknown, report: CheckReport): void {
    if (value === null) return;
    if (!isMap(value)) return report.fault(`expected map, got ${valueText(value)}`);
    for (const key of Object.keys(value)) {
      if (value[key] === undefined) continue;
      const type = this.#typeOf(key);
      if (!type) return report.fault('field not declared in schema', `.${key}`);
      report.within(`.${key}`, () => type.check(value[key], report));
    }
  }

  #typeOf(name: string): MergeType | undefined {
    return this.#shape.named.get(name)?.type ?? this.#shape.others;
  }
}

function compileShape({ fields, others }: MapShape): CompiledShape {
  const plans = fields
    .filter(({ tracked }) => tracked)
    .map((field) => ({ ...field, element: `f:${field.name}`, inherited: field.name in Object.prototype }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { plans, named: new Map(fields.map((field) => [field.name, field])), others };
}

function comparePart(
  differences: DifferenceBuilder,
  { element, type }: { readonly element: string; readonly type: MergeType },
  { was, is }: { readonly was: unknown; readonly is: unknown },
): void {
  if (was === is) return;
  if (was === undefined) differences.added(element, type.wholeOf(is));
  else if (is === undefined) differences.removed(element, type.wholeOf(was));
  else differences.part(element, type.compare(was, is));
}

/** Whether a value is a JSON object. */
export const isMap: (value: unknown) => value is JsonObject = isJsonObject;

const empty: JsonObject = Object.freeze({});

/** A value as a map: `empty` if nothing is in it, or it is none. */
function mapOf(value: unknown): JsonObject {
  if (!isMap(value)) return empty;
  for (const key in value) if (value[key] !== undefined) return value;
  return empty;
}

function isNothing(value: unknown): boolean {
  return value === null || (isMap(value) && mapOf(value) === empty);
}

function memberOf(value: JsonObject, { name, inherited }: Plan): unknown {
  return inherited && !Object.hasOwn(value, name) ? undefined : value[name];
}

function asMember(node: FieldSet | undefined): FieldSet {
  return node === undefined ? leaf : (withMembership(node, true) ?? leaf);
}

/** Sets a member whatever its name; plain assignment to `__proto__` would set the prototype. */
function assign(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, writable: true });
  else target[key] = value;
}

/** A node whose children are replaced; the same if all stay as they are. */
export function mapChildren(node: FieldSet, replace: (child: FieldSet, element: string) => FieldSet): FieldSet {
  let target: FieldSetDraft | undefined;
  for (const element in node) {
    if (element === '.') continue;
    const child = replace(node[element]!, element);
    if (child !== node[element]) (target ??= { ...node })[element] = child;
  }
  return target ?? node;
}
