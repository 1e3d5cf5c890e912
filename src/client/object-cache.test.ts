import { expect, test } from 'vitest';
import type { ConfigMap } from '../api/core/config-map.ts';
import { ObjectCache } from './object-cache.ts';

function configMap(
  name: string,
  version: number,
  extra: { uid?: string; team?: string; deleting?: boolean } = {},
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'a',
      uid: extra.uid ?? `uid-${name}`,
      resourceVersion: String(version),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: extra.team === undefined ? undefined : { team: extra.team },
      deletionTimestamp: extra.deleting === true ? '2026-01-01T00:00:09Z' : undefined,
    },
  };
}

function cacheOf(...items: ConfigMap[]): ObjectCache<ConfigMap> {
  const cache = new ObjectCache<ConfigMap>();
  cache.replace(items, '10');
  return cache;
}

test('an own write shows before the watch reports it, and the watch then tells nothing new', () => {
  const cache = cacheOf();
  expect(cache.written(configMap('x', 11))?.type).toBe('added');
  expect(cache.get('a/x')?.metadata.resourceVersion).toBe('11');
  expect(cache.apply('ADDED', configMap('x', 11))).toBeUndefined();
});

test('a late write result never takes the cache back', () => {
  const cache = cacheOf(configMap('x', 9));
  cache.apply('MODIFIED', configMap('x', 12));
  expect(cache.written(configMap('x', 11))).toBeUndefined();
  expect(cache.get('a/x')?.metadata.resourceVersion).toBe('12');
});

test('a write result that arrives after the deletion does not bring the object back', () => {
  const cache = cacheOf(configMap('x', 9));
  cache.apply('DELETED', configMap('x', 12));
  expect(cache.written(configMap('x', 11))).toBeUndefined();
  expect(cache.get('a/x')).toBeUndefined();
});

test('versions compare as numbers, not as text', () => {
  const cache = cacheOf(configMap('x', 9));
  expect(cache.apply('MODIFIED', configMap('x', 10))?.type).toBe('updated');
  expect(cache.apply('MODIFIED', configMap('x', 9))).toBeUndefined();
});

test('an own delete shows as terminating until the watch confirms it, whatever stale events say', () => {
  const cache = cacheOf(configMap('x', 9));
  cache.deleted('a/x', { uid: 'uid-x', timestamp: '2026-01-01T00:00:05Z' });
  expect(cache.get('a/x')?.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z');
  cache.apply('MODIFIED', configMap('x', 11));
  expect(cache.get('a/x')?.metadata.deletionTimestamp).toBe('2026-01-01T00:00:05Z');
  cache.apply('MODIFIED', configMap('x', 12, { deleting: true }));
  expect(cache.get('a/x')?.metadata.deletionTimestamp).toBe('2026-01-01T00:00:09Z');
  expect(cache.apply('DELETED', configMap('x', 13))?.type).toBe('deleted');
});

test('an own delete of a predecessor does not mark its namesake', () => {
  const cache = cacheOf(configMap('x', 9, { uid: 'second' }));
  expect(cache.deleted('a/x', { uid: 'first', timestamp: '2026-01-01T00:00:05Z' })).toBeUndefined();
});

test('the deletion of a predecessor does not remove its namesake', () => {
  const cache = cacheOf(configMap('x', 9, { uid: 'first' }));
  cache.written(configMap('x', 15, { uid: 'second' }));
  expect(cache.apply('DELETED', configMap('x', 14, { uid: 'first' }))).toBeUndefined();
  expect(cache.get('a/x')?.metadata.uid).toBe('second');
});

test('a new list adds, updates and deletes, but keeps what was written after it', () => {
  const cache = cacheOf(configMap('gone', 5), configMap('changed', 6), configMap('same', 7));
  cache.written(configMap('new', 30));
  const changes = cache.replace([configMap('changed', 16), configMap('same', 7), configMap('added', 17)], '20');
  expect(changes.map(({ type, object }) => `${type} ${object.metadata.name}`).sort()).toEqual([
    'added added',
    'deleted gone',
    'updated changed',
  ]);
  expect(cache.get('a/new')).toBeDefined();
});

test('indexes follow changes', () => {
  const cache = cacheOf(configMap('x', 9, { team: 'red' }));
  cache.addIndex('team', (object) => Object.values(object.metadata.labels ?? {}));
  expect(cache.byIndex('team', 'red')).toHaveLength(1);
  cache.apply('MODIFIED', configMap('x', 11, { team: 'blue' }));
  expect(cache.byIndex('team', 'red')).toHaveLength(0);
  expect(cache.byIndex('team', 'blue')).toHaveLength(1);
  cache.apply('DELETED', configMap('x', 12, { team: 'blue' }));
  expect(cache.byIndex('team', 'blue')).toHaveLength(0);
});

test('a namespace lists only its own', () => {
  const cache = cacheOf(configMap('x', 9));
  expect(cache.list('a')).toHaveLength(1);
  expect(cache.list('b')).toHaveLength(0);
  expect(cache.list()).toHaveLength(1);
});

test('a list of a server that went back to an older version replaces everything', () => {
  const cache = cacheOf(configMap('x', 9), configMap('y', 8));
  cache.apply('MODIFIED', configMap('x', 40));
  cache.replace([configMap('x', 5)], '7');
  expect(cache.get('a/x')?.metadata.resourceVersion).toBe('5');
  expect(cache.size).toBe(1);
});
