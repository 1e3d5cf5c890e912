/** The keys of objects in the store: `/registry/<group or core>/<plural>/[<namespace>/]<name>`. */
import type { ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';

/** What all keys begin with. */
export const registryPrefix = '/registry/';

/** What the keys of a kind begin with, or of a kind in one namespace. */
export function kindPrefix(resource: Resource, namespace?: string): string {
  const { group, plural } = resource.storedAs?.resource ?? resource;
  const kind = `${registryPrefix}${group === '' ? 'core' : group}/${plural}/`;
  return namespace === undefined || namespace === '' ? kind : `${kind}${namespace}/`;
}

/** The key of one object. */
export function storageKey(resource: Resource, key: ObjectKey): string {
  return kindPrefix(resource) + keyString(key);
}
