/** Which part of the old version of an object a part of the new one stands for. Source: apiserver's cel/common. */
import { identityOf, listKey } from './list-types.ts';
import type { JsonSchema } from './json-schema.ts';
import { isMutableObject } from './prune.ts';

/** The old value at the same place; absent where there is none or it can't be told. */
export interface Correlated {
  readonly value: unknown;
}

/** Whether these of a whole object changed can't be seen, since both versions are read as the same one. */
export const typeFields: ReadonlySet<string> = new Set(['apiVersion', 'kind']);

/** The old value of a member. */
export function oldMember(old: Correlated | undefined, name: string): Correlated | undefined {
  if (!old || !isMutableObject(old.value)) return undefined;
  return Object.hasOwn(old.value, name) ? { value: old.value[name] } : undefined;
}

/** Finds the old value of each element; those of lists that are maps are told by their keys, others have none. */
export function oldItems(schema: JsonSchema, old: Correlated | undefined): (item: unknown) => Correlated | undefined {
  if (!old || !Array.isArray(old.value) || schema['x-kubernetes-list-type'] !== 'map') return () => undefined;
  const items: readonly unknown[] = old.value;
  let byKey: Map<string, unknown> | undefined;
  return (item) => {
    byKey ??= new Map(items.map((candidate) => [identityOf(listKey(candidate, schema)), candidate]));
    const key = identityOf(listKey(item, schema));
    return byKey.has(key) ? { value: byKey.get(key) } : undefined;
  };
}
