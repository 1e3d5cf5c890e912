/**
 * The keys of objects in the store, laid out as upstream's API server lays them out in etcd: `/registry/<plural>/[<namespace>/]<name>`
 * for the kinds that it brings along, `/registry/<group>/<plural>/…` for those that are defined at run time.
 */
import type { ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';

/** What all keys of objects begin with. */
export const registryPrefix = '/registry/';

/** Where built-in kinds are that are not under their plural. Source: kubeapiserver's SpecialDefaultResourcePrefixes. */
const exceptions: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  services: 'services/specs',
  'ingresses.networking.k8s.io': 'ingress',
};

/** Groups whose built-in kinds stand under their group: servers of their own serve them upstream. */
const groupsWithServers = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

const prefixes = new WeakMap<object, string>();

/** What the keys of a kind begin with, or of a kind in one namespace. */
export function kindPrefix(resource: Resource, namespace?: string): string {
  let prefix = prefixes.get(resource);
  if (prefix === undefined) prefixes.set(resource, (prefix = `${registryPrefix}${folderOf(resource)}/`));
  return namespace === undefined || namespace === '' ? prefix : `${prefix}${namespace}/`;
}

function folderOf(resource: Resource): string {
  const { group, plural, qualified, custom } = resource.storedAs?.resource ?? resource;
  if (custom || groupsWithServers.has(group)) return `${group}/${plural}`;
  return exceptions[qualified] ?? plural;
}

/** The key of one object. */
export function storageKey(resource: Resource, key: ObjectKey): string {
  return kindPrefix(resource) + keyString(key);
}

/**
 * The prefix of the kind that a key belongs to. Where the first part is a group, which has a dot, or `services`, the second
 * belongs to it.
 */
export function prefixOfKey(key: string): string {
  const first = key.indexOf('/', registryPrefix.length) + 1;
  const dot = key.indexOf('.', registryPrefix.length);
  const isDeep = (dot > 0 && dot < first) || key.startsWith('services/', registryPrefix.length);
  return key.slice(0, isDeep ? key.indexOf('/', first) + 1 : first);
}
