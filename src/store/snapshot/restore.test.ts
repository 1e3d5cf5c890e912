import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../memory-store.ts';
import { openSqliteStore } from '../sqlite-store.ts';
import type { Store } from '../store.ts';
import type { SnapshotSource } from './snapshot-stream.ts';
import { copySnapshot } from './snapshot-target.ts';
import { SqliteTarget } from './sqlite-target.ts';
import { readStore } from './store-source.ts';
import { StoreTarget, isUnfinished, refuseUnfinished } from './store-target.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const origin = { time: '2026-11-23T04:00:00Z', store: 'memory:', writer: 'test' };
let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-restore-'));
  path = join(directory, 'store', 'kubets.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function sample(count: number, text = '1'): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (let i = 0; i < count; i++) await store.create(`/registry/configmaps/default/${i}`, bytes(`${text}-${i}`));
  return store;
}

const contents = async (store: Store): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await store.list('')).items.map(({ key, value }) => [key, new TextDecoder().decode(value)]));

async function restore(source: SnapshotSource, options: { readonly force?: boolean; readonly bump?: number } = {}) {
  const { force = false, bump = 1_000 } = options;
  await using target = new SqliteTarget({ path, force, bump, stamp: 'then' });
  return await copySnapshot(source, target);
}

const failureOf = (store: Store, after: number): Promise<unknown> =>
  new Promise((resolve) => store.watch({ prefix: '', after }, { events: resolve, failed: resolve }));

describe('into a file of SQLite', () => {
  test('everything is there again, above all revisions that there may have been', async () => {
    await using original = await sample(2_345);
    await restore(await readStore(original, origin));
    await using restored = await openSqliteStore({ path });
    expect(await contents(restored)).toEqual(await contents(original));
    const { items, revision } = await restored.list('');
    expect(Math.min(...items.map((item) => item.revision))).toBe(2_345 + 1_000 + 1);
    expect(revision).toBe(2_345 + 1_000 + 2_345);
    expect(await restored.create('/registry/configmaps/default/new', bytes('1'))).toBe(revision + 1);
    // Whoever followed the store that was lost, up to wherever, has to list anew.
    for (const seen of [1, 2_345, 3_344]) {
      expect(await failureOf(restored, seen)).toMatchObject({ kind: 'compacted' });
      await expect(restored.list('', { revision: seen })).rejects.toMatchObject({ kind: 'compacted' });
    }
    expect(readdirSync(join(directory, 'store')).filter((name) => !name.startsWith('kubets.db'))).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('what has an end still has it', async () => {
    const from = join(directory, 'from.db');
    await using original = await openSqliteStore({ path: from });
    await original.create('/registry/events/default/a', bytes('1'), { ttl: 3_600 });
    await original.create('/registry/events/default/b', bytes('1'));
    await restore(await readStore(original, origin));
    await using restored = await openSqliteStore({ path });
    const [a, b] = (await restored.list('', { ttls: true })).items;
    expect(a?.ttl).toBeGreaterThan(3_500);
    expect(a?.ttl).toBeLessThanOrEqual(3_600);
    expect(b?.ttl).toBeUndefined();
  });

  test('a file that holds something is left alone without force, and kept with it', async () => {
    {
      await using old = await openSqliteStore({
        path: (await restore(await readStore(await sample(3), origin)), path),
      });
      await old.create('/registry/old', bytes('old'));
    }
    await using other = await sample(2, 'other');
    await expect(restore(await readStore(other, origin))).rejects.toThrow(
      `${path} holds 4 objects: --force replaces them, and keeps them in a file beside it`,
    );
    await restore(await readStore(other, origin), { force: true });
    await using restored = await openSqliteStore({ path });
    expect(Object.values(await contents(restored))).toEqual(['other-0', 'other-1']);
    // The replaced file was at revision 1,007 already.
    expect((await restored.list('')).items[0]?.revision).toBe(1_007 + 1_000 + 1);
    await using kept = await openSqliteStore({ path: `${path}.before-then` });
    expect((await kept.get('/registry/old'))?.revision).toBe(1_007);
  });

  test('an empty file that a server has made is used without force', async () => {
    await restore(await readStore(new MemoryStore(), origin));
    await restore(await readStore(await sample(2), origin));
    await using restored = await openSqliteStore({ path });
    expect((await restored.list('')).items).toHaveLength(2);
  });

  test('a file that a server has open is not touched, not even by force', async () => {
    await restore(await readStore(await sample(3), origin));
    await using open = await openSqliteStore({ path });
    await expect(restore(await readStore(await sample(1), origin), { force: true })).rejects.toMatchObject({
      kind: 'busy',
    });
    expect((await open.list('')).items).toHaveLength(3);
  });

  test('a file that is damaged is moved aside by force', async () => {
    await restore(await readStore(await sample(3), origin));
    writeFileSync(path, 'no database at all, but something else that is long enough to be looked at');
    await expect(restore(await readStore(await sample(1), origin))).rejects.toMatchObject({ kind: 'corrupt' });
    await restore(await readStore(await sample(1), origin), { force: true });
    await using restored = await openSqliteStore({ path });
    expect((await restored.list('')).items).toHaveLength(1);
    expect(readFileSync(`${path}.before-then`, 'utf8')).toContain('no database at all');
  });

  test('a source that fails on the way changes nothing', async () => {
    await restore(await readStore(await sample(3), origin));
    const before = readdirSync(join(directory, 'store'));
    const source = await readStore(await sample(1), origin);
    const failing: SnapshotSource = {
      header: source.header,
      async *records() {
        yield* source.records();
        throw new Error('cut');
      },
    };
    await expect(restore(failing, { force: true })).rejects.toThrow('cut');
    expect(readdirSync(join(directory, 'store'))).toEqual(before);
    await using store = await openSqliteStore({ path });
    expect((await store.list('')).items).toHaveLength(3);
  });

  test('what a restore that was killed left behind is in nobody’s way', async () => {
    await restore(await readStore(await sample(3), origin));
    writeFileSync(`${path}.restoring-${process.pid}`, 'half');
    truncateSync(`${path}.restoring-${process.pid}`, 2);
    await restore(await readStore(await sample(1), origin), { force: true });
    expect(existsSync(`${path}.restoring-${process.pid}`)).toBe(false);
  });
});

describe('into a store that is reached through its port', () => {
  const target = (store: Store, force = false, bump = 300) =>
    new StoreTarget({ store, name: 'the store', force, bump });

  test('its revisions are used up until they are above those of the snapshot', async () => {
    await using original = await sample(500);
    await using store = new MemoryStore();
    await copySnapshot(await readStore(original, origin), target(store));
    expect(await contents(store)).toEqual(await contents(original));
    expect(Math.min(...(await store.list('')).items.map(({ revision }) => revision))).toBeGreaterThan(800);
    for (const seen of [1, 500, 800]) expect(await failureOf(store, seen)).toMatchObject({ kind: 'compacted' });
  });

  test('what it holds is left alone without force, and deleted with it', async () => {
    await using store = await sample(3, 'old');
    await using other = await sample(2, 'other');
    await expect(copySnapshot(await readStore(other, origin), target(store))).rejects.toThrow(
      'the store holds 3 objects: --force deletes them (stop every API server that uses it before)',
    );
    await copySnapshot(await readStore(other, origin), target(store, true));
    expect(Object.values(await contents(store))).toEqual(['other-0', 'other-1']);
  });

  test('an import that was interrupted is known as such, and begun anew without force', async () => {
    await using store = new MemoryStore();
    await using original = await sample(10);
    const source = await readStore(original, origin);
    const first = target(store);
    await first.begin(source.header);
    await first.write([{ key: '/registry/half', value: bytes('1'), revision: 1 }]);
    expect(await isUnfinished(store)).toBe(true);
    await expect(refuseUnfinished(store, 'the store')).rejects.toThrow(
      'the store holds the beginning of a restore or migration: run that again',
    );
    await expect(readStore(store, origin)).rejects.toThrow('holds the beginning of a restore');
    await copySnapshot(source, target(store));
    expect(await contents(store)).toEqual(await contents(original));
    expect(await isUnfinished(store)).toBe(false);
  });

  test('somebody who writes there meanwhile is noticed', async () => {
    await using store = new MemoryStore();
    const into = target(store);
    const meddled = {
      begin: (header: SnapshotSource['header']) => into.begin(header),
      write: (records: Parameters<typeof into.write>[0]) => into.write(records),
      async commit() {
        await store.create('/registry/foreign', bytes('1'));
        return await into.commit();
      },
      [Symbol.asyncDispose]: () => into[Symbol.asyncDispose](),
    };
    await expect(copySnapshot(await readStore(await sample(3), origin), meddled)).rejects.toThrow(
      '3 values were written, and 4 were found afterwards, or others: something else writes there',
    );
  });
});
