import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { StoreError } from './store.ts';
import type { Store } from './store.ts';
import { makeValue, nameOfValue } from './testing/history.ts';
import { IsolatedDisk } from './testing/isolated-disk.ts';

// Disks are slow where many tests run.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-faults-'));
  path = join(directory, 'state.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function errorOf(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
  if (!(error instanceof StoreError)) throw error;
  return error;
}

describe('a disk that is full', () => {
  test('refuses writes, serves reads, loses nothing, and takes writes again once there is room', async () => {
    await using disk = await IsolatedDisk.start(directory, 16);
    await disk.tell({ do: 'open' });
    const written: unknown[] = [];
    const create = async (): Promise<void> => {
      const key = `/registry/configmaps/default/c${written.length}`;
      written.push([key, key, await disk.tell({ do: 'create', key, size: 20_000 })]);
    };
    for (let i = 0; i < 50; i++) await create();
    await disk.tell({ do: 'fill' });
    const failure = await errorOf(untilItFails(create));
    expect(failure).toMatchObject({ kind: 'full', message: expect.stringContaining('free some space') });
    expect(failure.message).toContain(path);
    expect(await errorOf(create())).toMatchObject({ kind: 'full' });
    expect((await disk.tell({ do: 'list' })) as unknown[]).toHaveLength(written.length);
    await disk.tell({ do: 'free' });
    await create();
    await disk.tell({ do: 'compact' });
    const byKey = (a: unknown, b: unknown): number => String(a).localeCompare(String(b), 'en');
    expect(((await disk.tell({ do: 'list' })) as unknown[]).sort(byKey)).toEqual(written.toSorted(byKey));
    // What was refused took no revision and nobody heard of it.
    expect(await disk.tell({ do: 'heard' })).toEqual(written.map((_, index) => index + 1));
  });

  test('can be closed while it is full, and opened when there is room, with all that was acknowledged', async () => {
    await using disk = await IsolatedDisk.start(directory, 8);
    await disk.tell({ do: 'open' });
    let count = 0;
    const create = async (): Promise<unknown> => {
      await disk.tell({ do: 'create', key: `/c${count}`, size: 5_000 });
      return count++;
    };
    for (let i = 0; i < 20; i++) await create();
    await disk.tell({ do: 'fill' });
    await errorOf(untilItFails(create));
    await disk.tell({ do: 'close' });
    await disk.tell({ do: 'free' });
    expect(await disk.tell({ do: 'open' })).toBe(count);
    expect(await disk.tell({ do: 'list' })).toHaveLength(count);
    await create();
  });
});

async function untilItFails(write: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 10_000; i++) await write();
}

describe('a file that can only be read', () => {
  test('is refused with a sentence when it is to be opened, and opened once it can be written', async () => {
    await using disk = await IsolatedDisk.start(directory, 8);
    await disk.tell({ do: 'open' });
    await disk.tell({ do: 'create', key: '/a', size: 100 });
    await disk.tell({ do: 'close' });
    await disk.tell({ do: 'remount', as: 'ro' });
    const failure = await errorOf(disk.tell({ do: 'open' }));
    expect(failure).toMatchObject({ kind: 'readonly', message: expect.stringContaining('make it writable') });
    expect(failure.message).toContain(path);
    await disk.tell({ do: 'remount', as: 'rw' });
    await disk.tell({ do: 'open' });
    expect(await disk.tell({ do: 'list' })).toEqual([['/a', '/a', 1]]);
  });

  test.skipIf(!canForbidWriting())(
    'refuses writes and serves reads if it becomes so, and goes on afterwards',
    async () => {
      await using store = await openSqliteStore({ path });
      await store.create('/a', makeValue('a'));
      using forbidden = forbidWriting(path, `${path}-wal`);
      expect(await errorOf(store.create('/b', makeValue('b')))).toMatchObject({
        kind: 'readonly',
        message: expect.stringContaining(path),
      });
      expect(nameOfValue((await store.get('/a'))!.value)).toBe('a');
      expect(await errorOf(store.compact(1))).toMatchObject({ kind: 'readonly' });
      forbidden[Symbol.dispose]();
      expect(await store.create('/b', makeValue('b'))).toBe(2);
      await store.compact(2);
    },
  );
});

/** Makes files immutable for everyone, those who have them open included. */
function forbidWriting(...files: readonly string[]): Disposable {
  execFileSync('chattr', ['+i', ...files]);
  return { [Symbol.dispose]: () => void execFileSync('chattr', ['-i', ...files]) };
}

/** Not every file system can do that. */
function canForbidWriting(): boolean {
  const probe = join(mkdtempSync(join(tmpdir(), 'kubets-faults-')), 'probe');
  const file = openSync(probe, 'w');
  try {
    using _forbidden = forbidWriting(probe);
    writeSync(file, 'x');
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  } finally {
    closeSync(file);
    rmSync(join(probe, '..'), { recursive: true });
  }
}

const size = 4_000;
const keyOf = (index: number): string => `/registry/configmaps/default/c${index}`;

async function fillStore(store: Store, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => store.create(keyOf(i), makeValue(keyOf(i), size))));
}

/** Writes over a file in the middle, as a disk that fails may do. */
function damage(file: string, { at, length }: { readonly at: number; readonly length: number }): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, new Uint8Array(length).fill(0x5a), 0, length, at);
  closeSync(descriptor);
}

describe('a file that is damaged', () => {
  test('is not opened if its structure is, and the error says what to do', async () => {
    {
      await using store = await openSqliteStore({ path });
      await fillStore(store, 300);
    }
    const before = statSync(path).size;
    damage(path, { at: Math.floor(before / 2 / 4096) * 4096, length: 4096 * 4 });
    const failure = await errorOf(openSqliteStore({ path }));
    expect(failure).toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('kubets store snapshot restore'),
    });
    expect(failure.message).toContain(path);
    expect(statSync(path).size).toBe(before);
  });

  test('serves all but a value that is damaged, which it never gives out', async () => {
    {
      await using store = await openSqliteStore({ path });
      await fillStore(store, 100);
    }
    damage(path, { at: readFileSync(path).indexOf(`${keyOf(50)} ${size};`) + 10, length: 3 });
    await using store = await openSqliteStore({ path });
    const failure = await errorOf(store.get(keyOf(50)));
    expect(failure).toMatchObject({ kind: 'corrupt', message: expect.stringContaining(`${keyOf(50)} at revision 51`) });
    expect(await errorOf(store.list('/registry/configmaps/'))).toMatchObject({ kind: 'corrupt' });
    expect((await store.list(keyOf(4))).items).toHaveLength(11);
    // A write that meets the damage fails alone, not with those that share its commit.
    const together = await Promise.allSettled([
      store.update(keyOf(1), makeValue('new'), 2),
      store.delete(keyOf(50)),
      store.create('/new', makeValue('new')),
    ]);
    expect(together.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    // Written again, it is whole again.
    await store.update(keyOf(50), makeValue('repaired'), 51);
    expect(nameOfValue((await store.get(keyOf(50)))!.value)).toBe('repaired');
  });

  test('serves what is whole while it is open, and gives out nothing else', async () => {
    await using store = await openSqliteStore({ path });
    // More than the cache holds.
    await fillStore(store, 6_000);
    damage(path, { at: 4096 * 500, length: 4096 * 50 });
    const outcomes = { right: 0, corrupt: 0 };
    for (let i = 0; i < 6_000; i++) {
      const found = await store.get(keyOf(i)).catch((error: StoreError) => error.kind);
      if (found === 'corrupt') outcomes.corrupt++;
      else if (typeof found === 'object' && nameOfValue(found.value) === keyOf(i)) outcomes.right++;
    }
    expect(outcomes.corrupt).toBeGreaterThan(10);
    expect(outcomes.right).toBe(6_000 - outcomes.corrupt);
    await store.create('/new', makeValue('new'));
  });
});

/** A machine whose clock can be set, and whose time passes by itself. */
class SettableClock implements Clock {
  wall = Date.UTC(2026, 0, 1);
  passed = 0;
  readonly sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms, signal);
  readonly after = (ms: number, callback: () => void) => systemClock.after(ms, callback);
  now = (): number => this.wall;
  monotonic = (): number => this.passed;

  pass(ms: number): void {
    this.wall += ms;
    this.passed += ms;
  }
}

describe('a clock that is set', () => {
  const day = 24 * 60 * 60 * 1000;
  const minute = 60 * 1000;
  const lease = { type: 'created', key: '/lease', value: makeValue('lease'), ttl: 60 } as const;
  let clock: SettableClock;
  let database: SqliteDatabase;
  beforeEach(() => {
    clock = new SettableClock();
    database = new SqliteDatabase(path, { clock });
    database.write([lease]);
  });
  afterEach(() => database.close());

  const isThere = (): boolean => {
    database.expire();
    return database.get('/lease', undefined) !== undefined;
  };
  const reopen = (meanwhile: () => void): void => {
    database.close();
    meanwhile();
    // Another process counts from elsewhere.
    clock.passed = 5;
    database = new SqliteDatabase(path, { clock });
  };

  test.each([-day, day])('by %i ms does not change how long a key lives', (by) => {
    clock.wall += by;
    clock.pass(minute - 1);
    expect(isThere()).toBe(true);
    clock.pass(1);
    expect(isThere()).toBe(false);
    expect(isThere()).toBe(false);
    expect(database.revision).toBe(2);
  });

  test('back while the store is closed neither deletes a key too early nor lets it live on and on', () => {
    clock.pass(minute / 2);
    reopen(() => (clock.wall -= day));
    expect(isThere()).toBe(true);
    clock.pass(minute / 2 - 1);
    expect(isThere()).toBe(true);
    clock.pass(1);
    expect(isThere()).toBe(false);
    reopen(() => (clock.wall -= day));
    expect(isThere()).toBe(false);
    expect(database.write([{ ...lease, ttl: undefined }])).toEqual([{ revision: 3 }]);
  });

  test('not at all: the time during which the store was closed counts', () => {
    reopen(() => clock.pass(minute / 2));
    expect(isThere()).toBe(true);
    reopen(() => clock.pass(minute / 2));
    expect(isThere()).toBe(false);
  });

  test('and a crash: a key lives on by what was not noted at most', () => {
    clock.pass(minute / 2);
    database.expire();
    clock.pass(minute / 4);
    const copy = `${path}-copy`;
    // What a crash leaves behind.
    for (const suffix of ['', '-wal']) execFileSync('cp', [path + suffix, copy + suffix]);
    clock.wall -= day;
    clock.passed = 0;
    const recovered = new SqliteDatabase(copy, { clock });
    try {
      expect(recovered.untilExpiry()).toBe(minute / 2);
    } finally {
      recovered.close();
    }
  });
});
