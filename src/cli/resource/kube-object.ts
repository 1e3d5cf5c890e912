import type { DraftMeta } from '../../machinery/meta.ts';
import { isJsonObject } from '../../machinery/schema.ts';

/** Any object of the API as kubectl handles it: kinds it has never heard of included. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: DraftMeta;
  readonly [field: string]: unknown;
}

/** The objects of an answer: those of a list, with kind and version filled in, or the one object itself. */
export function objectsOf(value: unknown): readonly KubeObject[] {
  return isList(value) ? itemsOf(asKubeObject(value)).map(asKubeObject) : [asKubeObject(value)];
}

/** The items of a list. Those of `PodList` and the like need not say what they are. */
export function itemsOf({ apiVersion, kind, items }: KubeObject): readonly unknown[] {
  if (!Array.isArray(items)) return [];
  const itemKind = kind.slice(0, -'List'.length);
  if (itemKind === '') return items;
  return items.map((item: unknown) => (isJsonObject(item) ? { apiVersion, kind: itemKind, ...item } : item));
}

/** Whether a value is a list of objects. */
export function isList(value: unknown): boolean {
  return isJsonObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') && 'items' in value;
}

/** Takes parsed JSON for an object; the server and the manifest reader have checked that it is one. */
export function asKubeObject(value: unknown): KubeObject {
  const object = value as KubeObject;
  return object.metadata ? object : { ...object, metadata: {} };
}

/** Reads an object as one of the kinds that kubectl knows by heart. */
export function asKind<T>(object: KubeObject): T {
  return object as unknown as T;
}

/** The value at a path such as `['spec', 'replicas']`; undefined when a part of it is missing. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

/** A copy of the object with the value at the path replaced, or removed when `value` is undefined. */
export function withValueAt<T extends object>(object: T, path: readonly string[], value: unknown): T {
  const [head = '', ...rest] = path;
  const inner = (object as Record<string, unknown>)[head];
  if (rest.length === 0) {
    const { [head]: _removed, ...others } = object as Record<string, unknown>;
    return (value === undefined ? others : { ...object, [head]: value }) as T;
  }
  const below = typeof inner === 'object' && inner !== null ? inner : {};
  return { ...object, [head]: withValueAt(below, rest, value) };
}

/** Splits `apps/v1` into group and version. */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** `deployment.apps`: how messages name an object's kind. */
export function kindWithGroup(object: { readonly apiVersion: string; readonly kind: string }): string {
  const { group } = splitApiVersion(object.apiVersion);
  const kind = object.kind.toLowerCase();
  return group === '' ? kind : `${kind}.${group}`;
}
