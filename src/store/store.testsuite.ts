import { describe, expect, test } from 'vitest';
import type { Store, StoreEvent } from './store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

const a = '/registry/a';
const b = '/registry/b';

/** What every store must do. `open` gives an empty one, whose revision may be any. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    test('a created value is read back with the revision of its write', async () => {
      await using store = await open();
      const before = await store.revision();
      const revision = await store.create('/registry/a/x', bytes('1'));
      expect(revision).toBeGreaterThan(before);
      expect(await store.revision()).toBe(revision);
      const found = await store.get('/registry/a/x');
      expect(text(found?.value)).toBe('1');
      expect(found).toMatchObject({ key: '/registry/a/x', revision });
      expect(await store.get('/registry/a/y')).toBeUndefined();
    });

    test('each write takes a revision of its own, above those of the writes before', async () => {
      await using store = await open();
      const keys = ['a', 'b', 'c'].map((key) => `/registry/${key}`);
      const revisions = await Promise.all(keys.map((key) => store.create(key, bytes(key))));
      expect(new Set(revisions).size).toBe(3);
      const newest = Math.max(...revisions);
      const updated = await store.update('/registry/a', bytes('2'), revisions[0] ?? 0);
      expect(updated).toBeGreaterThan(newest);
      expect(await store.delete('/registry/b', revisions[1])).toBeGreaterThan(updated);
    });

    test('create fails on an existing key and works again after a delete', async () => {
      await using store = await open();
      await store.create(a, bytes('1'));
      await expect(store.create(a, bytes('2'))).rejects.toMatchObject({ kind: 'exists' });
      const deleted = await store.delete(a);
      expect(await store.create(a, bytes('3'))).toBeGreaterThan(deleted);
    });

    test('update and delete compare the revision', async () => {
      await using store = await open();
      const first = await store.create(a, bytes('1'));
      await store.update(a, bytes('2'), first);
      await expect(store.update(a, bytes('3'), first)).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store.delete(a, first)).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store.update(b, bytes('3'), first)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(store.delete(b, first)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(store.delete(b)).rejects.toMatchObject({ kind: 'notFound' });
      expect(text((await store.get(a))?.value)).toBe('2');
    });

    test('of many concurrent updates against one revision, exactly one wins', async () => {
      await using store = await open();
      const first = await store.create(a, bytes('0'));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => store.update(a, bytes(`${i}`), first)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('lists are ordered by key, limited to the prefix, and paged', async () => {
      await using store = await open();
      const keys = ['/registry/p/b', '/registry/p/a', '/registry/q/a', '/registry/p/c', '/registry/p'];
      let revision = 0;
      for (const key of keys) revision = await store.create(key, bytes(key));
      const all = await store.list('/registry/p/');
      expect(all.items.map(({ key, value }) => [key, text(value)])).toEqual(
        ['/registry/p/a', '/registry/p/b', '/registry/p/c'].map((key) => [key, key]),
      );
      expect(all).toMatchObject({ revision, remaining: 0 });
      const first = await store.list('/registry/p/', { limit: 2 });
      expect(first.items.map(({ key }) => key)).toEqual(['/registry/p/a', '/registry/p/b']);
      expect(first.remaining).toBe(1);
      const second = await store.list('/registry/p/', { limit: 2, after: '/registry/p/b' });
      expect(second.items.map(({ key }) => key)).toEqual(['/registry/p/c']);
      expect(second.remaining).toBe(0);
      const uncounted = await store.list('/registry/p/', { limit: 2, counted: false });
      expect(uncounted).toEqual({ ...first, remaining: 0 });
    });

    test('the past can be read, page by page', async () => {
      await using store = await open();
      const created = await store.create(a, bytes('1'));
      const second = await store.create(b, bytes('1'));
      const third = await store.update(a, bytes('2'), created);
      const last = await store.delete(b);
      expect(text((await store.get(a, { revision: second }))?.value)).toBe('1');
      const past = await store.list('/registry/', { revision: third });
      expect(past.revision).toBe(third);
      expect(past.items.map(({ key, value }) => [key, text(value)])).toEqual([
        [a, '2'],
        [b, '1'],
      ]);
      const page = await store.list('/registry/', { revision: third, limit: 1, after: a });
      expect(page).toMatchObject({ items: [{ key: b }], remaining: 0 });
      expect((await store.list('/registry/')).items.map(({ key }) => key)).toEqual([a]);
      await expect(store.get(a, { revision: last + 100 })).rejects.toMatchObject({ kind: 'future' });
    });

    test('a watch hears the past and then the present, in order, once, and before the writer does', async () => {
      await using store = await open();
      const after = await store.revision();
      const first = await store.create('/registry/p/a', bytes('1'));
      await store.create('/registry/q/a', bytes('1'));
      const heard: StoreEvent[] = [];
      using _watch = store.watch(
        { prefix: '/registry/p/', after },
        { events: (batch) => heard.push(...batch), failed: fail },
      );
      const second = await store.update('/registry/p/a', bytes('2'), first);
      await store.create('/registry/q/b', bytes('1'));
      const third = await store.delete('/registry/p/a');
      expect(heard.map(({ type, key, value, revision }) => [type, key, text(value), revision])).toEqual([
        ['created', '/registry/p/a', '1', first],
        ['updated', '/registry/p/a', '2', second],
        ['deleted', '/registry/p/a', '2', third],
      ]);
    });

    test('a watch after a revision hears only what came later, and nothing once disposed', async () => {
      await using store = await open();
      const after = await store.create(a, bytes('1'));
      const heard: number[] = [];
      const watch = store.watch(
        { prefix: '/registry/', after },
        { events: (batch) => heard.push(...batch.map((event) => event.revision)), failed: fail },
      );
      const revision = await store.create(b, bytes('1'));
      watch[Symbol.dispose]();
      await store.create('/registry/c', bytes('1'));
      expect(heard).toEqual([revision]);
    });

    test('compaction keeps the newest values and forgets the past', async () => {
      await using store = await open();
      const first = await store.create(a, bytes('1'));
      const second = await store.update(a, bytes('2'), first);
      const third = await store.create(b, bytes('1'));
      const fourth = await store.delete(b);
      await store.update(a, bytes('3'), second);
      await store.compact(fourth);
      await store.compact(fourth);
      expect(text((await store.get(a, { revision: fourth }))?.value)).toBe('2');
      expect(text((await store.get(a))?.value)).toBe('3');
      await expect(store.list('/registry/', { revision: third })).rejects.toMatchObject({ kind: 'compacted' });
      const error = await new Promise((resolve) => {
        store.watch({ prefix: '/registry/', after: third }, { events: fail, failed: resolve });
      });
      expect(error).toMatchObject({ kind: 'compacted' });
      const last = await store.create(b, bytes('2'));
      await expect(store.compact(last + 100)).rejects.toMatchObject({ kind: 'future' });
    });

    test('compaction at the newest revision, a deletion, does not lead to its reuse', async () => {
      await using store = await open();
      await store.create(a, bytes('1'));
      const deleted = await store.delete(a);
      await store.compact(deleted);
      expect(await store.create(a, bytes('2'))).toBeGreaterThan(deleted);
    });
  });
}

function fail(): never {
  throw new Error('unexpected');
}
