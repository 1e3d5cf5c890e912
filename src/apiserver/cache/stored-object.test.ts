import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { encodeForStore } from './object-bytes.ts';
import { StoredObject } from './stored-object.ts';

const metadata = { name: 'a', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
const stored = (): StoredObject =>
  StoredObject.fromStore(ConfigMap, encodeForStore(ConfigMap, { metadata, data: { k: 'v' } }), 7);

test('what a single request parses is nobody else’s: it may be anything, and leaves no trace', () => {
  const shared = stored();
  const own = shared.forOneRequest();
  (own.object as { data?: unknown }).data = 'changed';
  expect(own.revision).toBe(7);
  expect(own.object).toHaveProperty('data', 'changed');
  expect(shared.object).toHaveProperty('data', { k: 'v' });
});

test('what is parsed for all can not be changed, and is not parsed again for a single request', () => {
  const shared = stored();
  expect(Object.isFrozen(shared.object.metadata)).toBe(true);
  expect(shared.forOneRequest().object).toBe(shared.object);
});

test('a single request knows in which version an object is stored, also of one that somebody has looked at', () => {
  const custom = { fromStored: (object: ApiObject) => object };
  const value = Buffer.from(JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata }));
  const seen = StoredObject.fromStore({ ...ConfigMap, custom } as unknown as Resource, value, 7);
  expect(JSON.parse(seen.bytes.toString())).toHaveProperty('metadata.resourceVersion', '7');
  expect(seen.forOneRequest().storedVersion).toBe('example.com/v1');
});
