import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../schema.ts';

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
  const { mergeKey } = order;
  const rank = (list: readonly Json[]): ((item: Json) => number) => {
    const ranks = new Map<unknown, number>();
    for (const [index, item] of list.entries()) {
      const key = identity(item, mergeKey);
      if (!ranks.has(key)) ranks.set(key, index);
    }
    return (item) => ranks.get(identity(item, mergeKey)) ?? -1;
  };
  const wanted = rank(order.wanted);
  const previous = rank(order.previous);
  const known = merged.filter((item) => wanted(item) >= 0).toSorted((a, b) => wanted(a) - wanted(b));
  const serverOnly = merged.filter((item) => wanted(item) < 0).toSorted((a, b) => previous(a) - previous(b));
  return interleave(serverOnly, known, previous);
}

/** What identifies an element: a scalar as it is, anything else as its text. */
function identity(item: Json, mergeKey: string | undefined): unknown {
  const key = mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item;
  return typeof key === 'object' ? JSON.stringify(key) : key;
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
