import { describe, expect, test } from 'vitest';
import { maxValueBytes, type Store, type StoreEvent } from './store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);

const a = '/registry/a';
const b = '/registry/b';
const c = '/registry/c';

/** What a store of this kind cannot do. */
export interface StoreSuiteOptions {
  /** Whether watches hear of revisions that do not concern them. Default: true. */
  readonly tellsProgress?: boolean | undefined;
}

/** What every store must do. `open` gives an empty one, whose revision may be any. */
export function storeSuite(name: string, open: OpenStore, options: StoreSuiteOptions = {}): void {
  describe(`${name} as a store`, () => {
    writesAndReads(open);
    watches(open, options);
    limits(open);
    compaction(open);
  });
}

type OpenStore = () => Promise<Store>;

function writesAndReads(open: OpenStore): void {
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
    // Where a page begins may be what a client made up: it is no way out of the prefix.
    expect((await store.list('/registry/p/', { after: '/registry/a' })).items).toHaveLength(3);
    expect((await store.list('/registry/p/', { after: '/registry/q' })).items).toEqual([]);
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
}

function watches(open: OpenStore, options: StoreSuiteOptions): void {
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

  test('watches of many writers hear everything once and in order, whatever their prefix and start', async () => {
    await using store = await open();
    const after = await store.revision();
    const histories = ['/registry/', '/registry/1/', '/registry/2/'].map((prefix) => watchFrom(store, prefix, after));
    const written: [revision: number, key: string][] = [];
    const writer = async (lane: number): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        const key = `/registry/${lane % 4}/${lane}-${i}`;
        const created = await store.create(key, bytes(key));
        written.push([created, key]);
        if (i % 3 === 1) written.push([await store.update(key, bytes('2'), created), key]);
        if (i % 3 === 2) written.push([await store.delete(key), key]);
        if (i === 15) histories.push(watchFrom(store, `/registry/${lane % 4}/`, after));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, lane) => writer(lane)));
    written.sort(([one], [other]) => one - other);
    const last = written.at(-1)?.[0] ?? 0;
    for (const history of histories) {
      const expected = written.filter(([, key]) => key.startsWith(history.prefix));
      await expect.poll(() => history.heard.length).toBe(expected.length);
      expect(history.heard.map(({ revision, key }) => [revision, key])).toEqual(expected);
      history[Symbol.dispose]();
    }
    expect(await store.revision()).toBeGreaterThanOrEqual(last);
  });

  // Where it is not so, there is nothing to test.
  const testOfProgress = options.tellsProgress === false ? () => undefined : test;
  testOfProgress('a watch learns of revisions that are not its own', async () => {
    await using store = await open();
    const reached: number[] = [];
    using _watch = store.watch(
      { prefix: '/registry/p/', after: await store.revision() },
      { events: fail, failed: fail, progress: (revision) => reached.push(revision) },
    );
    const written = await store.create('/registry/q/a', bytes('1'));
    expect(await store.revision()).toBe(written);
    await expect.poll(() => reached.at(-1), { timeout: 10_000 }).toBe(written);
    expect(reached).toEqual([...new Set(reached)].sort((one, other) => one - other));
  });

  test('a watch ends with an error when the store is closed', async () => {
    let error: unknown;
    {
      await using store = await open();
      const after = await store.create(a, bytes('1'));
      store.watch({ prefix: '/registry/', after }, { events: () => undefined, failed: (why) => (error = why) });
      await store.create(b, bytes('1'));
    }
    expect(error).toMatchObject({ kind: 'unavailable' });
  });
}

function limits(open: OpenStore): void {
  test('values of 1.5 MB are kept and told of, larger ones refused', { timeout: 20_000 }, async () => {
    await using store = await open();
    using history = watchFrom(store, '/registry/', await store.revision());
    const large = new Uint8Array(maxValueBytes).fill(1);
    const larger = new Uint8Array(maxValueBytes + 1);
    const first = await store.create(a, large);
    const second = await store.update(a, large.fill(2), first);
    await expect(store.create(b, larger)).rejects.toMatchObject({ kind: 'tooLarge' });
    await expect(store.update(a, larger, second)).rejects.toMatchObject({ kind: 'tooLarge' });
    for (let i = 0; i < 5; i++) await store.create(`${b}${i}`, large);
    const { items } = await store.list('/registry/');
    expect(items.map(({ value }) => value.length)).toEqual(Array.from({ length: 6 }, () => maxValueBytes));
    expect(items[0]?.value.every((byte) => byte === 2)).toBe(true);
    await store.delete(a);
    await expect
      .poll(() => history.heard.map(({ type, value }) => [type, value.length]))
      .toEqual(
        ['created', 'updated', ...Array.from({ length: 5 }, () => 'created'), 'deleted'].map((type) => [
          type,
          maxValueBytes,
        ]),
      );
  });

  test(
    'a value with a time to live is deleted at its end, unless it is written again',
    { timeout: 20_000 },
    async () => {
      await using store = await open();
      using history = watchFrom(store, '/registry/', await store.revision());
      const began = performance.now();
      await store.create(a, bytes('1'), { ttl: 1 });
      await store.update(b, bytes('2'), await store.create(b, bytes('1'), { ttl: 1 }));
      const updated = await store.update(c, bytes('2'), await store.create(c, bytes('1')), { ttl: 1 });
      const { items } = await store.list('/registry/', { ttls: true });
      expect(items.map(({ key, ttl = 0 }) => [key, ttl >= 1])).toEqual([
        [a, true],
        [b, false],
        [c, true],
      ]);
      await expect.poll(() => store.list('/registry/'), { timeout: 15_000 }).toMatchObject({ items: [{ key: b }] });
      expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
      await expect.poll(() => history.heard.filter(({ type }) => type === 'deleted')).toHaveLength(2);
      const deleted = history.heard.filter(({ type }) => type === 'deleted');
      expect(Object.fromEntries(deleted.map(({ key, value }) => [key, text(value)]))).toEqual({ [a]: '1', [c]: '2' });
      for (const { revision } of deleted) expect(revision).toBeGreaterThan(updated);
      expect(await store.create(a, bytes('2'))).toBeGreaterThanOrEqual(deleted[0]?.revision ?? 0);
    },
  );

  test('a read whose caller has given up rejects with the reason', async () => {
    await using store = await open();
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(store.get(a, { signal })).rejects.toThrow('given up');
    await expect(store.list('/registry/', { signal })).rejects.toThrow('given up');
  });
}

function compaction(open: OpenStore): void {
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
}

interface WatchHistory extends Disposable {
  readonly prefix: string;
  readonly heard: readonly StoreEvent[];
}

function watchFrom(store: Store, prefix: string, after: number): WatchHistory {
  const heard: StoreEvent[] = [];
  const watch = store.watch({ prefix, after }, { events: (batch) => heard.push(...batch), failed: fail });
  return { prefix, heard, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

function fail(): never {
  throw new Error('unexpected');
}
