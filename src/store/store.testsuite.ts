import { describe, expect, test } from 'vitest';
import type { Store, StoreEvent } from './store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

/** What every store must do. `open` gives an empty one. */
export function storeSuite(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    test('a created value is read back with the revision of its write', async () => {
      await using store = await open();
      const revision = await store.create('/a/x', bytes('1'));
      expect(revision).toBe(1);
      expect(await store.revision()).toBe(1);
      const found = await store.get('/a/x');
      expect(text(found?.value)).toBe('1');
      expect(found?.revision).toBe(revision);
      expect(await store.get('/a/y')).toBeUndefined();
    });

    test('each write takes the next revision, whatever the key', async () => {
      await using store = await open();
      const revisions = await Promise.all(['a', 'b', 'c'].map((key) => store.create(key, bytes(key))));
      expect(revisions).toEqual([1, 2, 3]);
      expect(await store.update('a', bytes('2'), 1)).toBe(4);
      expect(await store.delete('b', 2)).toBe(5);
    });

    test('create fails on an existing key and works again after a delete', async () => {
      await using store = await open();
      await store.create('a', bytes('1'));
      await expect(store.create('a', bytes('2'))).rejects.toMatchObject({ kind: 'exists' });
      await store.delete('a');
      expect(await store.create('a', bytes('3'))).toBe(3);
    });

    test('update and delete compare the revision', async () => {
      await using store = await open();
      await store.create('a', bytes('1'));
      await store.update('a', bytes('2'), 1);
      await expect(store.update('a', bytes('3'), 1)).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store.delete('a', 1)).rejects.toMatchObject({ kind: 'conflict' });
      await expect(store.update('b', bytes('3'), 1)).rejects.toMatchObject({ kind: 'notFound' });
      await expect(store.delete('b')).rejects.toMatchObject({ kind: 'notFound' });
      expect(text((await store.get('a'))?.value)).toBe('2');
    });

    test('of many concurrent updates against one revision, exactly one wins', async () => {
      await using store = await open();
      await store.create('a', bytes('0'));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => store.update('a', bytes(`${i}`), 1)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('lists are ordered by key, limited to the prefix, and paged', async () => {
      await using store = await open();
      for (const key of ['/p/b', '/p/a', '/q/a', '/p/c', '/p']) await store.create(key, bytes(key));
      const all = await store.list('/p/');
      expect(all.items.map(({ key }) => key)).toEqual(['/p/a', '/p/b', '/p/c']);
      expect(all).toMatchObject({ revision: 5, remaining: 0 });
      const first = await store.list('/p/', { limit: 2 });
      expect(first.items.map(({ key }) => key)).toEqual(['/p/a', '/p/b']);
      expect(first.remaining).toBe(1);
      const second = await store.list('/p/', { limit: 2, after: '/p/b' });
      expect(second.items.map(({ key }) => key)).toEqual(['/p/c']);
      expect(second.remaining).toBe(0);
      const uncounted = await store.list('/p/', { limit: 2, counted: false });
      expect(uncounted).toEqual({ ...first, remaining: 0 });
    });

    test('the past can be read', async () => {
      await using store = await open();
      await store.create('a', bytes('1'));
      await store.create('b', bytes('1'));
      await store.update('a', bytes('2'), 1);
      await store.delete('b');
      expect(text((await store.get('a', { revision: 2 }))?.value)).toBe('1');
      const past = await store.list('', { revision: 3 });
      expect(past.items.map(({ key, value }) => [key, text(value)])).toEqual([
        ['a', '2'],
        ['b', '1'],
      ]);
      expect((await store.list('')).items.map(({ key }) => key)).toEqual(['a']);
      await expect(store.get('a', { revision: 9 })).rejects.toMatchObject({ kind: 'future' });
    });

    test('a watch hears the past and then the present, in order, once, and before the writer does', async () => {
      await using store = await open();
      await store.create('/p/a', bytes('1'));
      await store.create('/q/a', bytes('1'));
      const heard: StoreEvent[] = [];
      using _watch = store.watch(
        { prefix: '/p/', after: 0 },
        { events: (batch) => heard.push(...batch), failed: fail },
      );
      await store.update('/p/a', bytes('2'), 1);
      await store.create('/q/b', bytes('1'));
      await store.delete('/p/a');
      expect(heard.map(({ type, key, value, revision }) => [type, key, text(value), revision])).toEqual([
        ['created', '/p/a', '1', 1],
        ['updated', '/p/a', '2', 3],
        ['deleted', '/p/a', '2', 5],
      ]);
    });

    test('a watch after a revision hears only what came later, and nothing once disposed', async () => {
      await using store = await open();
      await store.create('a', bytes('1'));
      const heard: number[] = [];
      const watch = store.watch(
        { prefix: '', after: 1 },
        { events: (b) => heard.push(...b.map((e) => e.revision)), failed: fail },
      );
      await store.create('b', bytes('1'));
      watch[Symbol.dispose]();
      await store.create('c', bytes('1'));
      expect(heard).toEqual([2]);
    });

    test('compaction keeps the newest values and forgets the past', async () => {
      await using store = await open();
      await store.create('a', bytes('1'));
      await store.update('a', bytes('2'), 1);
      await store.create('b', bytes('1'));
      await store.delete('b');
      await store.update('a', bytes('3'), 2);
      await store.compact(4);
      expect(text((await store.get('a', { revision: 4 }))?.value)).toBe('2');
      expect(text((await store.get('a'))?.value)).toBe('3');
      await expect(store.list('', { revision: 3 })).rejects.toMatchObject({ kind: 'compacted' });
      const error = await new Promise((resolve) => {
        store.watch({ prefix: '', after: 3 }, { events: fail, failed: resolve });
      });
      expect(error).toMatchObject({ kind: 'compacted' });
      expect(await store.create('b', bytes('2'))).toBe(6);
      await expect(store.compact(100)).rejects.toMatchObject({ kind: 'future' });
    });

    test('compaction at the newest revision, a deletion, does not lead to its reuse', async () => {
      await using store = await open();
      await store.create('a', bytes('1'));
      await store.delete('a');
      await store.compact(2);
      expect(await store.create('a', bytes('2'))).toBe(3);
    });
  });
}

function fail(): never {
  throw new Error('unexpected');
}
