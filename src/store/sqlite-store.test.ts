import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { describeSqliteError } from './sqlite-error.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { storeSuite } from './store.testsuite.ts';

const directories: string[] = [];
const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-store-'));
  directories.push(directory);
  return directory;
};

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

storeSuite('SqliteStore', () => openSqliteStore({ path: join(temporary(), 'state.db') }));
storeSuite('SqliteStore whose index is hardly ever behind', () =>
  openSqliteStore({ path: join(temporary(), 'state.db'), indexLag: 2 }),
);

const bytes = new TextEncoder().encode('value');

describe('SqliteStore', () => {
  test('keeps values and revisions over a restart, also when the newest revision was compacted', async () => {
    const path = join(temporary(), 'state.db');
    {
      await using store = await openSqliteStore({ path });
      await store.create('a', bytes);
      await store.create('b', bytes);
      await store.delete('b');
      await store.compact(3);
    }
    await using store = await openSqliteStore({ path });
    expect(await store.revision()).toBe(3);
    expect((await store.list('')).items.map(({ key, revision }) => [key, revision])).toEqual([['a', 1]]);
    expect(await store.create('c', bytes)).toBe(4);
  });

  test('refuses a second process on the same file and says why', async () => {
    const path = join(temporary(), 'state.db');
    await using _store = await openSqliteStore({ path });
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining('another'),
    });
  });

  test('says so when the file is not a database, or its directory is missing', async () => {
    const path = join(temporary(), 'state.db');
    writeFileSync(path, 'this is not a database, it is a text of more than a few bytes'.repeat(100));
    chmodSync(path, 0o600);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining(path),
    });
    const missing = join(temporary(), 'no', 'state.db');
    await expect(openSqliteStore({ path: missing })).rejects.toMatchObject({
      message: expect.stringContaining('directory exist'),
    });
  });

  test('a full or read-only disk is named as such', () => {
    expect(describeSqliteError({ errcode: 13 }, '/x').kind).toBe('full');
    expect(describeSqliteError({ errcode: 8 | (6 << 8) }, '/x').kind).toBe('readonly');
  });

  test('a commit that may not have been flushed is not called failed', () => {
    expect(describeSqliteError({ errcode: 10 | (4 << 8) }, '/x').kind).toBe('uncertain');
    expect(describeSqliteError({ errcode: 10 | (1 << 8) }, '/x').kind).toBe('unavailable');
  });

  test('writes under way when the thread dies may or may not have been made; what comes later is not', async () => {
    const program = `
      import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ id: 0, value: 0 });
      parentPort.once('message', () => { throw new Error('out of memory'); });`;
    const worker = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    await using store = await openSqliteStore({ path: 'unused', worker });
    const failed = new Promise((resolve) => {
      store.watch({ prefix: '', after: 0 }, { events: () => undefined, failed: resolve });
    });
    await expect(store.create('a', bytes)).rejects.toMatchObject({
      kind: 'uncertain',
      message: expect.stringContaining('out of memory'),
    });
    expect(await failed).toMatchObject({ kind: 'unavailable' });
    await expect(store.create('a', bytes)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('a key that has a time to live is deleted, with an event, also after a restart', async () => {
    const path = join(temporary(), 'state.db');
    {
      await using store = await openSqliteStore({ path });
      await store.create('short', bytes, { ttl: 0.5 });
      await store.create('long', bytes, { ttl: 3600 });
      await store.create('renewed', bytes, { ttl: 0.5 });
      await store.update('renewed', bytes, 3);
    }
    await using store = await openSqliteStore({ path });
    const event = await new Promise((resolve) => {
      store.watch({ prefix: '', after: 4 }, { events: ([first]) => resolve(first), failed: resolve });
    });
    expect(event).toEqual({ type: 'deleted', key: 'short', value: bytes, revision: 5 });
    expect(await store.revision()).toBe(5);
    expect((await store.list('', { ttls: true })).items.map(({ key, ttl }) => [key, ttl])).toEqual([
      ['long', expect.closeTo(3600, -1)],
      ['renewed', undefined],
    ]);
    expect(await store.create('short', bytes)).toBe(6);
  });

  test('after a close, requests fail instead of hanging', async () => {
    const store = await openSqliteStore({ path: join(temporary(), 'state.db') });
    await store[Symbol.asyncDispose]();
    await expect(store.create('a', bytes)).rejects.toMatchObject({ kind: 'unavailable' });
    await store[Symbol.asyncDispose]();
  });
});
