import { expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { builtinResources } from '../../api/registry.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Resource } from '../../machinery/resource.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { renameOldKeys } from './rename-old-keys.ts';
import { kindPrefix, prefixOfKey, storageKey } from './storage-key.ts';

const kind = (qualified: string, version = 'v1'): Resource => {
  const found = builtinResources.find((one) => one.qualified === qualified && one.version === version);
  if (!found) throw new Error(`there is no ${qualified}`);
  return found;
};

test('objects have the keys that upstream gives them', () => {
  const keys = {
    pods: '/registry/pods/ns/x',
    'deployments.apps': '/registry/deployments/ns/x',
    'leases.coordination.k8s.io': '/registry/leases/ns/x',
    services: '/registry/services/specs/ns/x',
    endpoints: '/registry/services/endpoints/ns/x',
    replicationcontrollers: '/registry/controllers/ns/x',
    'ingresses.networking.k8s.io': '/registry/ingress/ns/x',
    events: '/registry/events/ns/x',
    'events.events.k8s.io': '/registry/events/ns/x',
  };
  for (const [qualified, key] of Object.entries(keys))
    expect(storageKey(kind(qualified), { namespace: 'ns', name: 'x' })).toBe(key);
  expect(storageKey(kind('nodes'), { name: 'x' })).toBe('/registry/minions/x');
  expect(storageKey(kind('apiservices.apiregistration.k8s.io'), { name: 'v1.apps' })).toBe(
    '/registry/apiregistration.k8s.io/apiservices/v1.apps',
  );
  expect(kindPrefix(CustomResourceDefinition as unknown as Resource)).toBe(
    '/registry/apiextensions.k8s.io/customresourcedefinitions/',
  );
});

test('the kind of a key is found without looking through the kinds, and no two kinds share a prefix', () => {
  const prefixes = new Map<string, string>();
  for (const resource of builtinResources) {
    if (!resource.verbs.includes('get') || resource.storedAs) continue;
    const key = storageKey(resource, resource.namespaced ? { namespace: 'n.s', name: 'a.b' } : { name: 'a.b' });
    expect(prefixOfKey(key)).toBe(kindPrefix(resource));
    expect(prefixes.get(kindPrefix(resource)), resource.qualified).toBeUndefined();
    prefixes.set(kindPrefix(resource), resource.qualified);
  }
  expect(prefixOfKey('/registry/example.com/foos/ns/x')).toBe('/registry/example.com/foos/');
  expect(prefixOfKey('/registry/masterleases/10.0.0.1')).toBe('/registry/masterleases/');
});

test('what has keys of the former layout is renamed once, also if that is interrupted', async () => {
  const store = new MemoryStore();
  const bytes = (text: string): Buffer => Buffer.from(text);
  await store.create('/registry/core/namespaces/default', bytes('namespace'));
  await store.create('/registry/core/services/default/kubernetes', bytes('service'));
  await store.create('/registry/apps/deployments/default/web', bytes('deployment'));
  await store.create('/registry/example.com/foos/default/x', bytes('custom'));
  // The first attempt came this far.
  await store.create('/registry/deployments/default/web', bytes('deployment'));
  await renameOldKeys(store, builtinResources, silentLogger);
  const { items, revision } = await store.list('/registry/');
  expect(items.map(({ key, value }) => [key, Buffer.from(value).toString()])).toEqual([
    ['/registry/deployments/default/web', 'deployment'],
    ['/registry/example.com/foos/default/x', 'custom'],
    ['/registry/namespaces/default', 'namespace'],
    ['/registry/services/specs/default/kubernetes', 'service'],
  ]);
  await renameOldKeys(store, builtinResources, silentLogger);
  expect(store.revision()).toBe(revision);
});
