import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** An SQLite file that nobody else has open; statements are compiled once. Its errors are SQLite's. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    // Exclusive: two servers, each with its own revision counter, must never share a file. The log of writes ahead is folded
    // into the file whenever it has 4,000 pages, by the commit that made it so long; nobody reads beside this connection, so
    // that nothing is ever in the way of it, and it begins anew. What an exceptionally large commit made of it is cut off.
    this.exec(`
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 16777216;
      PRAGMA cache_size = -8192;
      PRAGMA temp_store = MEMORY;
    `);
  }

  /** Runs statements that answer nothing. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** The first row of the answer. */
  row(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...parameters);
  }

  /** The first column of the first row, as a number; 0 for nothing. */
  number(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(Object.values(this.row(sql, ...parameters) ?? {})[0] ?? 0);
  }

  /** All rows of the answer. */
  rows(sql: string, ...parameters: SQLInputValue[]): readonly Row[] {
    return this.#statement(sql).all(...parameters);
  }

  /** Changes rows; how many. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...parameters).changes);
  }

  /** Does all of `work` durably, or none of it. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // After some errors SQLite has rolled back by itself.
      if (this.#database.isTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  /** Closes the file, folding the write-ahead log into it. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
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
