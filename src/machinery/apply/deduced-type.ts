import { leaf, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { LeafType } from './leaf-type.ts';
import { MapType, isMap } from './map-type.ts';
import type { CheckReport, Difference, MergeType } from './merge-type.ts';

/**
 * Any JSON: the type of a part follows from its value. Maps are granular, all else is replaced as a whole.
 * Source: structured-merge-diff's DeducedParseableType.
 */
class DeducedType implements MergeType {
  readonly #map: MapType = new MapType(() => ({ fields: [], others: this }));
  readonly #leaf = new LeafType('json');

  fieldsOf(value: unknown): FieldSet | undefined {
    return isMap(value) ? this.#map.fieldsOf(value) : leaf;
  }

  wholeOf(value: unknown): FieldSet {
    return isMap(value) ? this.#map.wholeOf(value) : leaf;
  }

  compare(before: unknown, after: unknown): Difference | undefined {
    // Null stands for a map without entries, if the other one is a map.
    if (isMap(before) ? isMap(after) || after === null : isMap(after) && before === null)
      return this.#map.compare(before, after);
    if (!isMap(before) && !isMap(after)) return this.#leaf.compare(before, after);
    return this.#compareKinds(before, after);
  }

  /** A map that has become another kind of value, or the other way round: its entries come or go, and the whole changes. */
  #compareKinds(before: unknown, after: unknown): Difference {
    const below = this.#map.compare(isMap(before) ? before : {}, isMap(after) ? after : {});
    return { added: below?.added, removed: below?.removed, modified: union(below?.modified, leaf) };
  }

  merge(value: unknown, configuration: unknown): unknown {
    return isMap(configuration) || (configuration === null && isMap(value))
      ? this.#map.merge(value, configuration)
      : configuration;
  }

  remove(value: unknown, set: FieldSet): unknown {
    if (Array.isArray(value)) return null;
    return isMap(value) ? this.#map.remove(value, set) : value;
  }

  withNamedFields(set: FieldSet): FieldSet {
    return set;
  }

  reconcile(set: FieldSet): FieldSet {
    return set;
  }

  check(_value: unknown, _report: CheckReport): void {
    // Everything fits.
  }
}

/** The type of schemaless values. */
export const deducedType: MergeType = new DeducedType();
