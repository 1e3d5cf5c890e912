import { crc32 } from 'node:zlib';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { futureError } from './memory-store.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import type { Row } from './sqlite-connection.ts';
import { describeSqliteError } from './sqlite-error.ts';
import { damagedError, markClosed, prepareFile } from './sqlite-format.ts';
import { SqliteIndex } from './sqlite-index.ts';
import { StoreTime } from './sqlite-time.ts';
import { giveBackPages, removeSuperseded } from './sqlite-upkeep.ts';
import { compactedError, prefixEnd } from './store.ts';
import type { StoreEvent, StoreList, StoreListOptions, StoredValue } from './store.ts';

/** A write on its way to the database. */
export type Write =
  | { readonly type: 'created'; readonly key: string; readonly value: Uint8Array; readonly ttl?: number | undefined }
  | {
      readonly type: 'updated';
      readonly key: string;
      readonly value: Uint8Array;
      readonly expected: number;
      readonly ttl?: number | undefined;
    }
  | { readonly type: 'deleted'; readonly key: string; readonly expected: number | undefined };

/** What became of a write: its revision (and, of a deletion, the value deleted), or why not. */
export type WriteResult =
  | { readonly revision: number; readonly deleted?: Uint8Array | undefined }
  | { readonly refused: 'exists' | 'notFound' }
  | { readonly refused: 'conflict'; readonly revision: number }
  | { readonly refused: 'corrupt'; readonly message: string };

const types = ['created', 'updated', 'deleted'] as const;
const createdType = types.indexOf('created');
const updatedType = types.indexOf('updated');
const deletedType = types.indexOf('deleted');
/** Keys that expire together are deleted in transactions of so many. */
const expiredAtOnce = 200;

/** How many revisions the index may be behind: some megabytes of memory, and some tens of milliseconds to catch up. */
const defaultLag = 10_000;

const atRevision = 'SELECT key, revision, type, value, checksum FROM log WHERE revision = ?';
const newestAt =
  'SELECT key, revision, type, value, checksum FROM log WHERE revision = (SELECT max(revision) FROM versions WHERE key = ? AND revision <= ?)';
const insert = 'INSERT INTO log (revision, key, type, value, expires, checksum) VALUES (?, ?, ?, ?, ?, ?)';
/** Of an index, which values there are in a range of keys, after a key, at a revision. */
const visible = (index: string): string => `k.key > ? AND k.key >= ? AND k.key < ? AND k.type <> ${deletedType}
  AND k.revision = (SELECT max(revision) FROM ${index} WHERE key = k.key AND revision <= ?)`;

/** What tests set. */
export interface SqliteDatabaseOptions {
  readonly clock?: Clock | undefined;
  /** As of `SqliteStoreOptions`. */
  readonly indexLag?: number | undefined;
}

/** The SQLite file behind `SqliteStore`, synchronous: it lives in a worker thread. */
export class SqliteDatabase {
  readonly #connection: SqliteConnection;
  readonly #path: string;
  readonly #time: StoreTime;
  readonly #index: SqliteIndex;
  #revision: number;
  #compacted: number;
  #isFolded = false;

  /**
   * Opens or creates the file, after a look whether it is whole. One process at a time: a second one is told that the file
   * is busy. An older format is made the newest; of one that is too new, StoreError.
   */
  constructor(path: string, { clock = systemClock, indexLag = defaultLag }: SqliteDatabaseOptions = {}) {
    this.#path = path;
    this.#connection = new SqliteConnection(path);
    try {
      prepareFile(this.#connection, path);
      const state = this.#connection.row('SELECT compacted, time FROM state');
      this.#time = new StoreTime(clock, Number(state?.['time']));
      this.#compacted = Number(state?.['compacted']);
      // Compaction may have removed the newest row if it was a deletion; its revision must still not be used again.
      this.#revision = Math.max(this.#compacted, this.#connection.number('SELECT max(revision) FROM log'));
      this.#index = new SqliteIndex(this.#connection, { revision: this.#revision, lag: indexLag });
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  /** The newest committed revision. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Applies the writes in order in one transaction: one flush to disk for all. Refused writes do not undo others, nor do those
   * that meet a damaged page or value.
   */
  write(writes: readonly Write[]): readonly WriteResult[] {
    this.#index.keepUp(this.#revision);
    try {
      return this.#commit(() => writes.map((write) => this.#apply(write)));
    } catch (error) {
      if (describeSqliteError(error, this.#path).kind !== 'corrupt') throw error;
      return writes.map((write) => this.#writeAlone(write));
    }
  }

  /** The value of a key, now or at a revision. */
  get(key: string, at: number | undefined): StoredValue | undefined {
    const row = this.#connection.row(newestAt, key, this.#readable(at));
    if (!row || row['type'] === deletedType) return undefined;
    return { key, value: this.#valueOf(row), revision: Number(row['revision']) };
  }

  /** The values under a prefix. */
  list(prefix: string, options: StoreListOptions): StoreList {
    const revision = this.#readable(options.revision);
    const range = [prefix, prefixEnd(prefix), revision] as const;
    const index = this.#index.forRanges(this.#revision);
    const columns = `k.key, k.revision, value, checksum${options.ttls === true ? ', l.expires' : ''}`;
    const rows = this.#connection.rows(
      `SELECT ${columns} FROM ${index} AS k CROSS JOIN log AS l ON l.revision = k.revision
       WHERE ${visible(index)} ORDER BY k.key LIMIT ?`,
      options.after ?? '',
      ...range,
      options.limit ?? -1,
    );
    const items = rows.map((row) => this.#listed(row));
    const last = items.at(-1);
    const full = last !== undefined && items.length === options.limit && options.counted !== false;
    const remaining = full
      ? this.#connection.number(`SELECT count(*) FROM ${index} AS k WHERE ${visible(index)}`, last.key, ...range)
      : 0;
    return { items, revision, remaining };
  }

  /** Every change under a prefix after a revision. */
  eventsAfter(prefix: string, after: number): readonly StoreEvent[] {
    if (after < this.#compacted) throw compactedError(after, this.#compacted);
    const select =
      'SELECT revision, key, type, value, checksum FROM log WHERE revision > ? AND key >= ? AND key < ? ORDER BY revision';
    return this.#connection.rows(select, after, prefix, prefixEnd(prefix)).map((row) => ({
      type: types[Number(row['type'])]!,
      key: String(row['key']),
      value: this.#valueOf(row),
      revision: Number(row['revision']),
    }));
  }

  /** Moves the oldest readable revision; call `removeSuperseded` until it returns false. */
  compact(revision: number): void {
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    if (revision <= this.#compacted) return;
    this.#connection.run('UPDATE state SET compacted = ?', revision);
    this.#compacted = revision;
  }

  /** Removes some of what nobody can read any more; whether there may be more. */
  removeSuperseded(): boolean {
    this.#index.catchUp(this.#revision, this.#compacted);
    return removeSuperseded(this.#connection, this.#compacted);
  }

  /** Gives some of the room that is free in the file back to the disk; whether there is more to give. */
  giveBackPages(): boolean {
    return giveBackPages(this.#connection);
  }

  /** Milliseconds until the next key expires, or undefined if none does. */
  untilExpiry(): number | undefined {
    const next = this.#connection.number('SELECT min(expires) FROM log WHERE expires IS NOT NULL');
    return next === 0 ? undefined : Math.max(0, next - this.#time.now());
  }

  /** Deletes keys whose time is over, some hundred at most, and notes the time; the changes that this made. */
  expire(): readonly StoreEvent[] {
    const now = this.#time.now();
    return this.#commit(() => {
      const select =
        'SELECT key, revision, value, checksum FROM log WHERE expires <= ? ORDER BY expires, revision LIMIT ?';
      const due = this.#connection.rows(select, now, expiredAtOnce);
      this.#connection.run('UPDATE state SET time = ?', now);
      return due.flatMap((row) => this.#expireRow(row));
    });
  }

  /** Goes on at a higher revision, as if all before it had been written and compacted: for what comes from elsewhere. */
  advance(revision: number): void {
    if (revision <= this.#revision) return;
    this.#connection.run('UPDATE state SET compacted = ?', revision);
    this.#compacted = revision;
    this.#revision = revision;
  }

  /** Folds the write-ahead log into the file, and does without one from now on; nothing may be written any more. */
  fold(): void {
    this.#closing();
    this.#isFolded = true;
    this.#connection.exec('PRAGMA journal_mode = DELETE');
  }

  /** Closes the file, folding the write-ahead log into it. */
  close(): void {
    try {
      if (!this.#isFolded) this.#closing();
    } catch {
      // A disk that is full or gone: what was acknowledged is in the log, and the next start looks at the file more closely.
    }
    this.#connection.close();
  }

  #closing(): void {
    this.#connection.transaction(() => {
      this.#connection.run('UPDATE state SET time = ?', this.#time.now());
      markClosed(this.#connection);
    });
  }

  #expireRow(row: Row): readonly StoreEvent[] {
    const key = String(row['key']);
    this.#supersede(Number(row['revision']));
    // A value that is damaged stays for whoever looks into it; it must not keep the others from expiring.
    if (!this.#isWhole(row)) return [];
    const value = this.#valueOf(row);
    return [{ type: 'deleted', key, value, revision: this.#append(key, deletedType, value) }];
  }

  #writeAlone(write: Write): WriteResult {
    try {
      return this.#commit(() => this.#apply(write));
    } catch (error) {
      const { kind, message } = describeSqliteError(error, this.#path);
      if (kind !== 'corrupt') throw error;
      return { refused: kind, message };
    }
  }

  #commit<T>(work: () => T): T {
    const before = this.#revision;
    try {
      return this.#connection.transaction(work);
    } catch (error) {
      this.#revision = before;
      throw error;
    }
  }

  #apply(write: Write): WriteResult {
    const { key } = write;
    const row = this.#index.newest(key);
    const current = row && row['type'] !== deletedType ? Number(row['revision']) : undefined;
    if (write.type === 'created') {
      if (current !== undefined) return { refused: 'exists' };
      return { revision: this.#append(key, createdType, write.value, write.ttl) };
    }
    if (current === undefined) return { refused: 'notFound' };
    if (write.expected !== undefined && write.expected !== current) return { refused: 'conflict', revision: current };
    if (row?.['expires'] !== null) this.#supersede(current);
    if (write.type === 'updated') return { revision: this.#append(key, updatedType, write.value, write.ttl) };
    const deleted = this.#valueOf(this.#connection.row(atRevision, current)!);
    return { revision: this.#append(key, deletedType, deleted), deleted };
  }

  #append(key: string, type: number, value: Uint8Array, ttl?: number): number {
    const revision = ++this.#revision;
    const expires = ttl === undefined ? null : this.#time.now() + Math.round(ttl * 1000);
    this.#connection.run(insert, revision, key, type, value, expires, checksum(revision, value));
    this.#index.add({ key, revision, type, expires });
    return revision;
  }

  /** What has a newer version does not expire any more. */
  #supersede(revision: number): void {
    this.#connection.run('UPDATE log SET expires = NULL WHERE revision = ?', revision);
  }

  #listed(row: Row): StoredValue {
    const item = { key: String(row['key']), value: this.#valueOf(row), revision: Number(row['revision']) };
    const expires = row['expires'] ?? null;
    if (expires === null) return item;
    return { ...item, ttl: Math.max(1, Math.ceil((Number(expires) - this.#time.now()) / 1000)) };
  }

  #valueOf(row: Row): Uint8Array {
    const { key, value } = row;
    if (this.#isWhole(row) && value instanceof Uint8Array) return value;
    throw damagedError(this.#path, `the value of ${String(key)} at revision ${String(row['revision'])} has changed`);
  }

  #isWhole({ revision, value, checksum: expected }: Row): boolean {
    return value instanceof Uint8Array && (expected === null || expected === checksum(Number(revision), value));
  }

  #readable(revision = this.#revision): number {
    if (revision < this.#compacted) throw compactedError(revision, this.#compacted);
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    return revision;
  }
}

/** Of a value in the place where it belongs: begun with the revision, for the key would cost as much as the value. */
function checksum(revision: number, value: Uint8Array): number {
  return crc32(value, revision % 2 ** 32);
}
