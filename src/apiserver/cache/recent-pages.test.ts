import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { KindCache } from './kind-cache.ts';
import { encodeForStore } from './object-bytes.ts';
import { parseSelection } from './selection.ts';
import { storageKey } from './storage-key.ts';

let revision = 0;

function put(cache: KindCache, name: string, more: { namespace?: string; app?: string } = {}): void {
  const { namespace = 'default', app = 'web' } = more;
  const value = encodeForStore(ConfigMap, { metadata: { namespace, name, labels: { app } } });
  cache.apply({ type: 'updated', key: storageKey(ConfigMap, { namespace, name }), value, revision: ++revision });
}

function remove(cache: KindCache, name: string): void {
  const key = { namespace: 'default', name };
  const value = encodeForStore(ConfigMap, { metadata: { ...key } });
  cache.apply({ type: 'deleted', key: storageKey(ConfigMap, key), value, revision: ++revision });
}

const webs = { namespace: 'default', labelSelector: 'app=web' };

function listed(cache: KindCache, text = webs, limit?: number) {
  return cache.page(parseSelection(ConfigMap, text), limit);
}

test('a page that is asked for again and again is the same one until something in its selection changes', () => {
  const cache = new KindCache(ConfigMap, 0);
  put(cache, 'a');
  put(cache, 'b', { app: 'db' });
  listed(cache);
  const second = listed(cache);
  expect(listed(cache).items).toBe(second.items);
  put(cache, 'c', { app: 'db' });
  put(cache, 'd', { namespace: 'other' });
  expect(listed(cache).items).toBe(second.items);
  for (const change of [() => put(cache, 'a'), () => put(cache, 'b'), () => remove(cache, 'a')]) {
    const before = listed(cache);
    change();
    const after = listed(cache);
    expect(after.items).not.toBe(before.items);
    expect(listed(cache)).toEqual(after);
  }
  expect(listed(cache).items.map(({ object }) => object.metadata.name)).toEqual(['b']);
});

test('pages of different lengths are kept apart, and tell how much is behind them', () => {
  const cache = new KindCache(ConfigMap, 0);
  for (const name of ['a', 'b', 'c', 'd']) put(cache, name);
  const all = { namespace: 'default', labelSelector: '' };
  for (let round = 0; round < 3; round++) {
    expect(listed(cache, all, 3)).toMatchObject({ items: { length: 3 }, last: 'default/c', remaining: 1 });
    expect(listed(cache, webs, 3)).toMatchObject({ items: { length: 3 }, last: 'default/c', remaining: undefined });
    expect(listed(cache, all, 4)).toMatchObject({ items: { length: 4 }, last: undefined });
  }
  put(cache, 'e');
  expect(listed(cache, all, 3)).toMatchObject({ remaining: 2 });
});

test('what nobody asks for any more is given up', () => {
  const cache = new KindCache(ConfigMap, 0);
  put(cache, 'a');
  listed(cache);
  const kept = listed(cache);
  cache.forgetUnused();
  expect(listed(cache)).toBe(kept);
  cache.forgetUnused();
  cache.forgetUnused();
  expect(listed(cache)).not.toBe(kept);
});
