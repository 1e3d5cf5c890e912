import { existsSync } from 'node:fs';
import { chmod, constants, copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqliteDatabase } from '../sqlite-database.ts';
import { describeSqliteError } from '../sqlite-error.ts';
import { StoreError } from '../store.ts';
import { syncFolder } from './snapshot-file.ts';
import { SnapshotError } from './snapshot-format.ts';
import type { SnapshotHeader, SnapshotRecord } from './snapshot-format.ts';
import { ContentsDigest } from './snapshot-target.ts';
import type { SnapshotContents, SnapshotTarget } from './snapshot-target.ts';

/** Where and how a file of SQLite is written. */
export interface SqliteTargetOptions {
  readonly path: string;
  /** Whether what the file holds may be replaced; it is kept beside it. */
  readonly force: boolean;
  /**
   * Revisions to leave out above those of the snapshot and of what is replaced: more than were written between the snapshot
   * and the loss, so that no revision that a client has seen stands for something else.
   */
  readonly bump: number;
  /** Goes into the name of what is kept; such as `20261123T120000Z`. */
  readonly stamp: string;
}

const pageLength = 1000;
/** Bytes of values that share a transaction, which is flushed to the disk. */
const transactionBytes = 4 * 1024 * 1024;

/** A file of SQLite that no server has open. It is made beside its place and renamed: it is there as a whole, or not at all. */
export class SqliteTarget implements SnapshotTarget {
  readonly #options: SqliteTargetOptions;
  readonly #temporary: string;
  #replaced: SqliteDatabase | undefined;
  #keeps = false;
  #waiting: SnapshotRecord[] = [];
  #waitingBytes = 0;
  #database: SqliteDatabase | undefined;

  constructor(options: SqliteTargetOptions) {
    this.#options = options;
    this.#temporary = `${options.path}.restoring-${process.pid}`;
  }

  /** Where what was replaced is kept; undefined if there was nothing. */
  get kept(): string | undefined {
    return this.#keeps ? this.#aside : undefined;
  }

  get #aside(): string {
    return `${this.#options.path}.before-${this.#options.stamp}`;
  }

  async begin({ revision }: SnapshotHeader): Promise<void> {
    const { path, bump } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await this.#clean();
    const replaced = existsSync(path) ? await this.#openReplaced() : undefined;
    this.#database = await this.#guard(() => new SqliteDatabase(this.#temporary));
    await chmod(this.#temporary, 0o600);
    await this.#guard((database) => database.advance(Math.max(revision, replaced?.revision ?? 0) + bump));
  }

  async write(records: readonly SnapshotRecord[]): Promise<void> {
    for (const record of records) {
      this.#waiting.push(record);
      this.#waitingBytes += record.value.length;
    }
    if (this.#waitingBytes > transactionBytes) await this.#flush();
  }

  async commit(): Promise<SnapshotContents> {
    await this.#flush();
    const contents = await this.#guard(contentsOf);
    this.#database?.close();
    this.#database = undefined;
    await syncFile(this.#temporary);
    if (this.#replaced && this.#keeps) await keep(this.#options.path, this.#aside);
    await rename(this.#temporary, this.#options.path);
    await syncFolder(dirname(this.#options.path));
    return contents;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database?.close();
    this.#replaced?.close();
    await this.#clean();
  }

  async #flush(): Promise<void> {
    const records = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#guard((database) =>
      database.write(records.map(({ key, value, ttl }) => ({ type: 'created', key, value, ttl }))),
    );
  }

  async #clean(): Promise<void> {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(this.#temporary + suffix, { force: true });
  }

  /** Holds what is to be replaced open until it is, so that no server begins to write to it. */
  async #openReplaced(): Promise<SqliteDatabase | undefined> {
    const { path, force } = this.#options;
    try {
      this.#replaced = new SqliteDatabase(path);
    } catch (error) {
      const { kind, message } = describeSqliteError(error, path);
      if (kind !== 'corrupt' || !force) throw new StoreError(kind, message, { cause: error });
      // Nobody can open it: there is nothing to fold into it and nobody to keep out.
      for (const suffix of ['-wal', '-shm', '']) await moveAside(path + suffix, this.#aside + suffix);
      this.#keeps = true;
      return undefined;
    }
    const { items, remaining } = this.#replaced.list('', { limit: 1 });
    if (items.length > 0 && !force) {
      throw new SnapshotError(
        `${path} holds ${items.length + remaining} objects: --force replaces them, and keeps them in a file beside it`,
      );
    }
    this.#keeps = items.length > 0;
    // All of it into the one file: a log that stayed behind would be taken for that of the file which comes in its place.
    this.#replaced.fold();
    return this.#replaced;
  }

  async #guard<T>(work: (database: SqliteDatabase) => T): Promise<T> {
    try {
      return work(this.#database!);
    } catch (error) {
      const { kind, message } = describeSqliteError(error, this.#temporary);
      throw new StoreError(kind, message, { cause: error });
    }
  }
}

function contentsOf(database: SqliteDatabase): SnapshotContents {
  const digest = new ContentsDigest();
  for (let after: string | undefined; ;) {
    const { items } = database.list('', { after, limit: pageLength, counted: false });
    digest.add(items);
    if (items.length < pageLength) return digest.contents;
    after = items.at(-1)?.key;
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function keep(path: string, aside: string): Promise<void> {
  // Some file systems have no links.
  await link(path, aside).catch(() => copyFile(path, aside, constants.COPYFILE_EXCL));
}

async function moveAside(from: string, to: string): Promise<void> {
  if (existsSync(from)) await rename(from, to);
}
