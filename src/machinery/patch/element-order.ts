import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../schema.ts';
import { equalJson } from './equal-json.ts';

/** What decides the order of a merged list. */
export interface ElementOrder {
  /** The order that the client asked for: scalars, or objects with the merge key. */
  readonly wanted: readonly Json[];
  /** The list before the merge. */
  readonly previous: readonly Json[];
  readonly mergeKey: string | undefined;
}

/**
 * Orders a merged list: elements that the client knows as it asked, those that only the server knows where they were
 * relative to them. Source: strategicpatch normalizeElementOrder.
 */
export function orderElements(merged: readonly Json[], order: ElementOrder): readonly Json[] {
  const { wanted, previous, mergeKey } = order;
  const rank = (list: readonly Json[], item: Json): number => {
    const key = identity(item, mergeKey);
    return list.findIndex((other) => equalJson(identity(other, mergeKey), key));
  };
  const by = (list: readonly Json[]) => (a: Json, b: Json) => rank(list, a) - rank(list, b);
  const known = merged.filter((item) => rank(wanted, item) >= 0).toSorted(by(wanted));
  const serverOnly = merged.filter((item) => rank(wanted, item) < 0).toSorted(by(previous));
  return interleave(serverOnly, known, (item) => rank(previous, item));
}

function identity(item: Json, mergeKey: string | undefined): Json | undefined {
  return mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item;
}

function interleave(left: readonly Json[], right: readonly Json[], previous: (item: Json) => number): Json[] {
  const result: Json[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const l = previous(left[i]!);
    const r = previous(right[j]!);
    result.push(l >= 0 && r >= 0 && l < r ? left[i++]! : right[j++]!);
  }
  return [...result, ...left.slice(i), ...right.slice(j)];
}
