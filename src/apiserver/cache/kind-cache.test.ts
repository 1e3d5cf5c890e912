import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { KindCache } from './kind-cache.ts';
import { encodeForStore } from './object-bytes.ts';
import { storageKey } from './storage-key.ts';

function change(cache: KindCache, name: string, revision: number, size = 10): void {
  const key = { namespace: 'default', name };
  const value = encodeForStore(ConfigMap, { metadata: key, data: { k: 'x'.repeat(size) } });
  cache.apply({ type: 'updated', key: storageKey(ConfigMap, key), value, revision });
}

test('the resourceVersion that readers see is the revision of the write', () => {
  const cache = new KindCache(ConfigMap, 0);
  change(cache, 'a', 7);
  const stored = cache.get({ namespace: 'default', name: 'a' });
  expect(stored?.object.metadata.resourceVersion).toBe('7');
  expect(JSON.parse(String(stored?.bytes))).toEqual(stored?.object);
});

test('changes that a resuming watch has missed are known as long as they are few', () => {
  const cache = new KindCache(ConfigMap, 0);
  for (let revision = 1; revision <= 6000; revision++) change(cache, 'a', revision);
  expect(cache.changesAfter(5990).map(({ revision }) => revision)).toEqual([
    5991, 5992, 5993, 5994, 5995, 5996, 5997, 5998, 5999, 6000,
  ]);
  expect(() => cache.changesAfter(10)).toThrow('too old resource version: 10');
});

test('large changes are forgotten sooner, so that the memory they take is bounded', () => {
  const cache = new KindCache(ConfigMap, 0);
  for (let revision = 1; revision <= 40; revision++) change(cache, 'a', revision, 500_000);
  expect(cache.changesAfter(39)).toHaveLength(1);
  expect(() => cache.changesAfter(1)).toThrow('too old resource version');
  expect(cache.changesAfter(31).length).toBeGreaterThan(0);
});
