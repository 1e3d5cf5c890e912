import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { futureError } from './memory-store.ts';
import { compactedError, prefixEnd } from './store.ts';
import type { StoreEvent, StoreList, StoreListOptions, StoredValue } from './store.ts';

/** A write on its way to the database. */
export type Write =
  | { readonly type: 'created'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'updated'; readonly key: string; readonly value: Uint8Array; readonly expected: number }
  | { readonly type: 'deleted'; readonly key: string; readonly expected: number | undefined };

/** What became of a write: its revision (and, of a deletion, the value deleted), or why not. */
export type WriteResult =
  | { readonly revision: number; readonly deleted?: Uint8Array | undefined }
  | { readonly refused: 'exists' | 'notFound' }
  | { readonly refused: 'conflict'; readonly revision: number };

const types = ['created', 'updated', 'deleted'] as const;
const deletedType = types.indexOf('deleted');
const schemaVersion = 1;

/** Every write is one row; the newest row of a key is its value, a `deleted` one says that it has none. */
const schema = `
  CREATE TABLE IF NOT EXISTS log (
    revision INTEGER PRIMARY KEY, key TEXT NOT NULL, type INTEGER NOT NULL, value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS log_by_key ON log (key, revision);
  CREATE TABLE IF NOT EXISTS compaction (only INTEGER PRIMARY KEY CHECK (only = 0), revision INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO compaction VALUES (0, 0);
`;

const newest = 'SELECT revision, type FROM log WHERE key = ? ORDER BY revision DESC LIMIT 1';
const valueAt = 'SELECT value FROM log WHERE revision = ?';
const newestAt = 'SELECT revision, type, value FROM log WHERE key = ? AND revision <= ? ORDER BY revision DESC LIMIT 1';
const visible = `FROM log AS l WHERE key > ? AND key >= ? AND key < ? AND type <> ${deletedType}
  AND revision = (SELECT max(revision) FROM log WHERE key = l.key AND revision <= ?)`;
const superseded = `SELECT revision FROM log AS l WHERE revision <= ? AND EXISTS
  (SELECT 1 FROM log WHERE key = l.key AND revision > l.revision AND revision <= ?) LIMIT 1000`;

/** The SQLite file behind `SqliteStore`, synchronous: it lives in a worker thread. */
export class SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #revision: number;
  #compacted: number;

  /** Opens or creates the file. One process at a time: a second one is told that the file is busy. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    // Exclusive: two servers, each with its own revision counter, must never share a file.
    this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    const version = Number(this.#row('PRAGMA user_version')?.['user_version']);
    if (version > schemaVersion) {
      throw new Error(
        `the file has schema version ${version}, written by a newer kubets; this one knows ${schemaVersion}`,
      );
    }
    this.#database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT`);
    this.#compacted = Number(this.#row('SELECT revision FROM compaction')?.['revision']);
    // Compaction may have removed the newest row if it was a deletion; its revision must still not be used again.
    this.#revision = Math.max(
      this.#compacted,
      Number(this.#row('SELECT max(revision) AS newest FROM log')?.['newest'] ?? 0),
    );
  }

  /** The newest committed revision. */
  get revision(): number {
    return this.#revision;
  }

  /** Applies the writes in order in one transaction: one flush to disk for all. Refused writes do not undo others. */
  write(writes: readonly Write[]): readonly WriteResult[] {
    const before = this.#revision;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const results = writes.map((write) => this.#apply(write));
      this.#database.exec('COMMIT');
      return results;
    } catch (error) {
      this.#revision = before;
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The value of a key, now or at a revision. */
  get(key: string, at: number | undefined): StoredValue | undefined {
    const row = this.#row(newestAt, key, this.#readable(at));
    if (!row || row['type'] === deletedType) return undefined;
    return { key, value: bytesOf(row['value']), revision: Number(row['revision']) };
  }

  /** The values under a prefix. */
  list(prefix: string, options: StoreListOptions): StoreList {
    const revision = this.#readable(options.revision);
    const range = [prefix, prefixEnd(prefix), revision] as const;
    const rows = this.#statement(`SELECT key, revision, value ${visible} ORDER BY key LIMIT ?`).all(
      options.after ?? '',
      ...range,
      options.limit ?? -1,
    );
    const items = rows.map((row) => ({
      key: String(row['key']),
      value: bytesOf(row['value']),
      revision: Number(row['revision']),
    }));
    const last = items.at(-1);
    const full = last !== undefined && items.length === options.limit && options.counted !== false;
    const remaining = full ? Number(this.#row(`SELECT count(*) AS n ${visible}`, last.key, ...range)?.['n']) : 0;
    return { items, revision, remaining };
  }

  /** Every change under a prefix after a revision. */
  eventsAfter(prefix: string, after: number): readonly StoreEvent[] {
    if (after < this.#compacted) throw compactedError(after, this.#compacted);
    const select =
      'SELECT revision, key, type, value FROM log WHERE revision > ? AND key >= ? AND key < ? ORDER BY revision';
    return this.#statement(select)
      .all(after, prefix, prefixEnd(prefix))
      .map((row) => ({
        type: types[Number(row['type'])]!,
        key: String(row['key']),
        value: bytesOf(row['value']),
        revision: Number(row['revision']),
      }));
  }

  /** Moves the oldest readable revision; call `removeSuperseded` until it returns false. */
  compact(revision: number): void {
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    if (revision <= this.#compacted) return;
    this.#statement('UPDATE compaction SET revision = ?').run(revision);
    this.#compacted = revision;
  }

  /** Removes some of what nobody can read any more; whether there may be more. */
  removeSuperseded(): boolean {
    const c = this.#compacted;
    const removed = this.#statement(`DELETE FROM log WHERE revision IN (${superseded})`).run(c, c).changes;
    if (removed !== 0) return true;
    this.#statement(`DELETE FROM log WHERE revision <= ? AND type = ${deletedType}`).run(c);
    return false;
  }

  /** Goes on at a higher revision, as if all before it had been written and compacted: for what comes from elsewhere. */
  advance(revision: number): void {
    if (revision <= this.#revision) return;
    this.#statement('UPDATE compaction SET revision = ?').run(revision);
    this.#compacted = revision;
    this.#revision = revision;
  }

  /** Folds the write-ahead log into the file, and does without one from now on. */
  fold(): void {
    this.#database.exec('PRAGMA journal_mode = MEMORY');
  }

  /** Closes the file, folding the write-ahead log into it. */
  close(): void {
    this.#database.close();
  }

  #apply(write: Write): WriteResult {
    const row = this.#row(newest, write.key);
    const current = row && row['type'] !== deletedType ? Number(row['revision']) : undefined;
    if (write.type === 'created') {
      return current === undefined ? { revision: this.#append(write.key, 0, write.value) } : { refused: 'exists' };
    }
    if (current === undefined) return { refused: 'notFound' };
    if (write.expected !== undefined && write.expected !== current) return { refused: 'conflict', revision: current };
    if (write.type === 'updated') return { revision: this.#append(write.key, 1, write.value) };
    const deleted = bytesOf(this.#row(valueAt, current)?.['value']);
    return { revision: this.#append(write.key, deletedType, deleted), deleted };
  }

  #append(key: string, type: number, value: Uint8Array): number {
    const revision = ++this.#revision;
    this.#statement('INSERT INTO log (revision, key, type, value) VALUES (?, ?, ?, ?)').run(revision, key, type, value);
    return revision;
  }

  #readable(revision = this.#revision): number {
    if (revision < this.#compacted) throw compactedError(revision, this.#compacted);
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    return revision;
  }

  #row(sql: string, ...parameters: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...parameters);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('the store holds a value that is not a blob');
}
