/** That sets and maps within lists have no element twice. Source: apiextensions' schema/listtype. */
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { someSchema } from './json-schema.ts';
import { childrenOf } from './embedded.ts';
import { isMutableObject, sortedCopy } from './prune.ts';

const keyed = new WeakMap<JsonSchema, boolean>();

function hasListTypes(schema: JsonSchema): boolean {
  let known = keyed.get(schema);
  if (known === undefined) {
    known = someSchema(schema, (inner) => ['set', 'map'].includes(inner['x-kubernetes-list-type'] ?? ''));
    keyed.set(schema, known);
  }
  return known;
}

/** What stands twice in lists that are sets or maps. */
export function duplicateItems(value: unknown, schema: JsonSchema, path = ''): FieldError[] {
  if (!hasListTypes(schema)) return [];
  const own = Array.isArray(value) ? duplicatesOf(value, schema, path) : [];
  return [
    ...own,
    ...childrenOf(value, schema, path).flatMap((child) => duplicateItems(child.value, child.schema, child.path)),
  ];
}

function duplicatesOf(items: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return secondOnes(items).map((index) => duplicate(`${path}[${index}]`, items[index]));
  if (type !== 'map') return [];
  const odd = items.findIndex((item) => item !== null && !isMutableObject(item));
  if (odd >= 0) {
    return [invalid(`${path}[${odd}]`, items[odd], 'must be an object for an array of list-type map')];
  }
  const keys = items.map((item) => listKey(item, schema));
  return secondOnes(keys).map((index) => duplicate(`${path}[${index}]`, keys[index]));
}

/** The members that identify an element of a list that is a map. */
export function listKey(item: unknown, schema: JsonSchema): Readonly<Record<string, unknown>> {
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!isMutableObject(item)) return {};
  return Object.fromEntries(names.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]));
}

/** The text by which equal values are recognized. */
export function identityOf(value: unknown): string {
  return JSON.stringify(sortedCopy(value));
}

/** The place of each value that was there before once already; further repetitions are not told. */
function secondOnes(values: readonly unknown[]): number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const identity = identityOf(value);
    const times = seen.get(identity) ?? 0;
    seen.set(identity, times + 1);
    return times === 1 ? [index] : [];
  });
}
