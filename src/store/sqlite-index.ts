import type { Row, SqliteConnection } from './sqlite-connection.ts';

/** What the index knows of a row of the log. */
interface IndexEntry {
  readonly key: string;
  readonly revision: number;
  readonly type: number;
  /** When the store deletes the key, in milliseconds of its time. */
  readonly expires: number | null;
}

const columns = 'key, revision, type, expires';
const newestOf = (table: string): string =>
  `SELECT revision, type, expires FROM ${table} WHERE key = ? ORDER BY revision DESC LIMIT 1`;
const newestRecent = newestOf('recent');
const newestIndexed = newestOf('keys');

/**
 * Which revisions each key has: the table `keys` of the file. A write changes a page of it wherever its key belongs, which would
 * be most of what a commit takes to the disk; so what was written lately is noted in memory, in the table `recent`, and goes
 * into `keys` together, by the order of the keys. Whatever of it a crash takes away is in the log.
 */
export class SqliteIndex {
  readonly #connection: SqliteConnection;
  /** How many revisions the file may be behind. */
  readonly #lag: number;
  /** Up to which revision all is in `keys`. */
  #indexed: number;
  #dueAfter: number;

  /** Of an open file whose newest revision is given. */
  constructor(connection: SqliteConnection, { revision, lag }: { readonly revision: number; readonly lag: number }) {
    this.#connection = connection;
    this.#lag = lag;
    this.#indexed = connection.number('SELECT indexed FROM state');
    this.#dueAfter = revision + lag;
    connection.exec(`
      CREATE TEMP TABLE recent (
        key TEXT NOT NULL, revision INTEGER NOT NULL, type INTEGER NOT NULL, expires INTEGER, PRIMARY KEY (key, revision)
      ) STRICT, WITHOUT ROWID;
      CREATE TEMP VIEW versions AS SELECT ${columns} FROM keys UNION ALL SELECT ${columns} FROM recent;
    `);
    connection.run(`INSERT INTO recent SELECT ${columns} FROM log WHERE revision > ?`, this.#indexed);
  }

  /** Notes a row that was appended to the log; in its transaction. */
  add({ key, revision, type, expires }: IndexEntry): void {
    this.#connection.run(`INSERT INTO recent (${columns}) VALUES (?, ?, ?, ?)`, key, revision, type, expires);
  }

  /** Revision, type and expiry of the newest row of a key. */
  newest(key: string): Row | undefined {
    return this.#connection.row(newestRecent, key) ?? this.#connection.row(newestIndexed, key);
  }

  /** Writes to the file what is only in memory, if that is much; before a transaction. */
  keepUp(revision: number): void {
    if (revision < this.#dueAfter) return;
    // Where that fails, the writes may go on; not each of them should try it again.
    this.#dueAfter = revision + this.#lag;
    this.tryCatchUp(revision);
  }

  /** Writes to the file what is only in memory, unless all up to `needed` is there; `revision` is the newest. */
  catchUp(revision: number, needed = revision): void {
    if (this.#indexed >= needed) return;
    this.#connection.transaction(() => {
      this.#connection.run(`INSERT INTO keys SELECT ${columns} FROM recent`);
      this.#connection.run('DELETE FROM recent');
      this.#connection.run('UPDATE state SET indexed = ?', revision);
    });
    this.#indexed = revision;
    this.#dueAfter = revision + this.#lag;
  }

  /** The same; whether it could be done. */
  tryCatchUp(revision: number): boolean {
    try {
      this.catchUp(revision);
      return true;
    } catch {
      return false;
    }
  }

  /** The name of what has all entries, to be asked for ranges of keys: the view of both tables takes much longer. */
  forRanges(revision: number): string {
    return this.tryCatchUp(revision) ? 'keys' : 'versions';
  }
}
