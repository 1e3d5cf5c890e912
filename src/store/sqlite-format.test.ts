import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SqliteDatabase } from './sqlite-database.ts';
import { isToBeChecked } from './sqlite-format.ts';
import { openSqliteStore } from './sqlite-store.ts';

// Disks are slow where many tests run.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-format-'));
  path = join(directory, 'state.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As the first version of kubets wrote it. */
function writeFormat1(keys: number): void {
  using database = new DatabaseSync(path);
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA user_version = 1;
    CREATE TABLE log (
      revision INTEGER PRIMARY KEY, key TEXT NOT NULL, type INTEGER NOT NULL, value BLOB NOT NULL
    ) STRICT;
    CREATE INDEX log_by_key ON log (key, revision);
    CREATE TABLE compaction (only INTEGER PRIMARY KEY CHECK (only = 0), revision INTEGER NOT NULL) STRICT;
    INSERT INTO compaction VALUES (0, 2);
    BEGIN`);
  const insert = database.prepare('INSERT INTO log VALUES (?, ?, ?, ?)');
  for (let revision = 2; revision < keys + 2; revision++) {
    insert.run(revision, `/key/${revision}`, 0, new Uint8Array(1000).fill(revision));
  }
  insert.run(keys + 2, '/key/2', 2, new Uint8Array(1000).fill(2));
  insert.run(keys + 3, '/key/3', 1, new Uint8Array(2000).fill(4));
  database.exec('COMMIT');
}

/** As the second version of kubets left the file, with a key that expires. */
function writeFormat2(keys: number): void {
  writeFormat1(keys);
  inspect((database) =>
    database.exec(`
      ALTER TABLE log ADD COLUMN expires INTEGER;
      ALTER TABLE log ADD COLUMN checksum INTEGER;
      CREATE INDEX log_by_expiry ON log (expires) WHERE expires IS NOT NULL;
      ALTER TABLE compaction RENAME TO state;
      ALTER TABLE state RENAME COLUMN revision TO compacted;
      ALTER TABLE state ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE state ADD COLUMN time INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE state ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
      INSERT INTO log VALUES (${keys + 4}, '/lease', 0, x'01', ${Date.now() + 3_600_000}, ${crc32(Uint8Array.of(1), keys + 4)});
      PRAGMA user_version = 2`),
  );
}

function inspect<T>(look: (database: DatabaseSync) => T): T {
  using database = new DatabaseSync(path);
  return look(database);
}

const numberOf = (sql: string): number =>
  inspect((database) => Number(Object.values(database.prepare(sql).get() ?? {})[0]));

describe('a file of data format 1', () => {
  test('is taken over in place, with all values, revisions and events', () => {
    writeFormat1(10);
    const database = new SqliteDatabase(path);
    expect(database.revision).toBe(13);
    expect(database.list('/key/', {}).items.map(({ key, revision }) => [key, revision])).toEqual([
      ['/key/10', 10],
      ['/key/11', 11],
      ['/key/3', 13],
      ...[4, 5, 6, 7, 8, 9].map((revision) => [`/key/${revision}`, revision]),
    ]);
    expect(database.get('/key/4', undefined)?.value).toEqual(new Uint8Array(1000).fill(4));
    expect(database.eventsAfter('', 10).map(({ type, revision }) => [type, revision])).toEqual([
      ['created', 11],
      ['deleted', 12],
      ['updated', 13],
    ]);
    expect(() => database.get('/key/4', 1)).toThrow('compacted');
    expect(database.write([{ type: 'created', key: '/new', value: new Uint8Array(1), ttl: 10 }])).toEqual([
      { revision: 14 },
    ]);
    database.compact(14);
    while (database.removeSuperseded());
    expect(database.list('', {}).items).toHaveLength(10);
    database.close();
    expect(numberOf('PRAGMA user_version')).toBe(3);
    // What format 1 had left behind is gone too.
    expect(numberOf('SELECT count(*) FROM log')).toBe(10);
    expect(numberOf('SELECT count(*) FROM log WHERE type = 2')).toBe(0);
  });

  test('is able to give pages back from then on', () => {
    writeFormat1(5_000);
    new SqliteDatabase(path).close();
    expect(numberOf('PRAGMA auto_vacuum')).toBe(2);
  });

  test('stays as it is if it can not be taken over as a whole', () => {
    writeFormat1(10);
    // Something that a program of that time never wrote, and that is in the way.
    inspect((database) => database.exec('CREATE TABLE state (x)'));
    expect(() => new SqliteDatabase(path)).toThrow('state');
    expect(numberOf('PRAGMA user_version')).toBe(1);
    inspect((database) => database.exec('DROP TABLE state'));
    const database = new SqliteDatabase(path);
    expect(database.revision).toBe(13);
    database.close();
  });
});

test('a file of data format 2 is taken over in place; renewed, a key keeps no expiry', () => {
  writeFormat2(10);
  const database = new SqliteDatabase(path);
  expect(database.list('/', {}).items.map(({ revision }) => revision)).toEqual([10, 11, 13, 4, 5, 6, 7, 8, 9, 14]);
  expect(database.list('/lease', { ttls: true }).items[0]?.ttl).toBeGreaterThan(3_000);
  expect(database.get('/key/3', 12)?.value).toEqual(new Uint8Array(1000).fill(3));
  expect(database.get('/key/2', undefined)).toBeUndefined();
  expect(
    database.write([
      { type: 'updated', key: '/lease', value: Uint8Array.of(2), expected: 14 },
      { type: 'updated', key: '/key/4', value: Uint8Array.of(3), expected: 13 },
      { type: 'created', key: '/key/2', value: Uint8Array.of(4) },
    ]),
  ).toEqual([{ revision: 15 }, { refused: 'conflict', revision: 4 }, { revision: 16 }]);
  expect(database.untilExpiry()).toBeUndefined();
  database.close();
  expect(numberOf("SELECT count(*) FROM sqlite_schema WHERE name = 'log_by_key'")).toBe(0);
});

test('what the index is behind when the file is closed is made up when it is opened', () => {
  const write = (count: number, lag: number): void => {
    const database = new SqliteDatabase(path, { indexLag: lag });
    for (let i = 0; i < count; i++) database.write([{ type: 'created', key: `/${database.revision}`, value }]);
    database.close();
  };
  const value = new Uint8Array(10);
  write(5, 3);
  expect(numberOf('SELECT indexed FROM state')).toBe(3);
  expect(numberOf('SELECT count(*) FROM keys')).toBe(3);
  write(10, 1e9);
  expect(numberOf('SELECT count(*) FROM keys')).toBe(3);
  const database = new SqliteDatabase(path);
  expect(database.get('/7', undefined)?.revision).toBe(8);
  expect(database.get('/7', 7)).toBeUndefined();
  expect(database.list('/', {}).items).toHaveLength(15);
  database.close();
  expect(numberOf('SELECT count(*) FROM keys')).toBe(15);
});

test('a file of a newer format is refused and left alone, and the error says what to do', () => {
  new SqliteDatabase(path).close();
  inspect((database) => database.exec('PRAGMA user_version = 4'));
  expect(() => new SqliteDatabase(path)).toThrow(/format 4, written by a newer kubets.* run the newer one/);
  expect(numberOf('PRAGMA user_version')).toBe(4);
});

test('a database of another program is refused and left alone', () => {
  inspect((database) => database.exec('CREATE TABLE bookmarks (url)'));
  expect(() => new SqliteDatabase(path)).toThrow('another program');
  expect(numberOf('SELECT count(*) FROM sqlite_schema')).toBe(1);
});

describe('the check of a file before it is used', () => {
  test('is always made after a crash, and else if it is quick', () => {
    expect(isToBeChecked({ wasClosed: false, size: 1e12 })).toBe(true);
    expect(isToBeChecked({ wasClosed: true, size: 1e7 })).toBe(true);
    expect(isToBeChecked({ wasClosed: true, size: 1e9 })).toBe(false);
  });

  test('knows a crash from a close', () => {
    const database = new SqliteDatabase(path);
    database.write([{ type: 'created', key: '/a', value: new Uint8Array(10) }]);
    const crashed = `${path}-crashed`;
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, crashed + suffix);
    database.close();
    expect(numberOf('SELECT opened FROM state')).toBe(0);
    using left = new DatabaseSync(crashed);
    expect(left.prepare('SELECT opened FROM state').get()).toEqual({ opened: 1 });
  });
});

describe('the size of a file', () => {
  const value = new Uint8Array(2_000);

  test('stays bounded under load: superseded values go, the write-ahead log begins anew, pages are given back', () => {
    const database = new SqliteDatabase(path);
    const newest = new Map<string, number>();
    let largestLog = 0;
    const update = (count: number): void => {
      for (let done = 0; done < count; done += 50) {
        const writes = Array.from({ length: 50 }, (_, index) => {
          const key = `/key/${index}`;
          const expected = newest.get(key);
          return expected === undefined
            ? ({ type: 'created', key, value } as const)
            : ({ type: 'updated', key, value, expected } as const);
        });
        database
          .write(writes)
          .forEach((result, index) => newest.set(`/key/${index}`, 'revision' in result ? result.revision : 0));
        largestLog = Math.max(largestLog, statSync(`${path}-wal`).size);
      }
    };
    const pagesAfterCompaction: number[] = [];
    for (let round = 0; round < 4; round++) {
      update(5_000);
      database.compact(database.revision);
      // Between the slices others write.
      while (database.removeSuperseded()) update(50);
      pagesAfterCompaction.push(statSync(path).size);
    }
    expect(Math.max(...pagesAfterCompaction)).toBeLessThan(25_000_000);
    expect(largestLog).toBeLessThan(18_000_000);
    expect(database.list('', {}).items).toHaveLength(50);
    while (database.giveBackPages());
    database.close();
    expect(statSync(path).size).toBeLessThan(5_000_000);
  });

  test('shrinks after a compaction by itself, also if the file was made by the first version', async () => {
    writeFormat1(5_000);
    await using store = await openSqliteStore({ path });
    const { items } = await store.list('');
    expect(statSync(path).size).toBeGreaterThan(5_000_000);
    await Promise.all(items.map(({ key }) => store.delete(key)));
    await store.compact(await store.revision());
    await vi.waitFor(() => expect(statSync(path).size).toBeLessThan(3_500_000), { timeout: 15_000 });
  });
});
