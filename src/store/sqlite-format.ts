import { statSync } from 'node:fs';
import type { SqliteConnection } from './sqlite-connection.ts';
import { StoreError } from './store.ts';

/** The format of the data that this program writes, as SQLite's `user_version`; 0 is a new file. */
const currentFormat = 3;

/**
 * What leads from each format to the next. Every write is one row of the log; the newest row of a key is its value, one of
 * the type "deleted" says that it has none.
 */
const migrations: readonly string[] = [
  `CREATE TABLE log (
     revision INTEGER PRIMARY KEY, key TEXT NOT NULL, type INTEGER NOT NULL, value BLOB NOT NULL
   ) STRICT;
   CREATE INDEX log_by_key ON log (key, revision);
   CREATE TABLE compaction (only INTEGER PRIMARY KEY CHECK (only = 0), revision INTEGER NOT NULL) STRICT;
   INSERT INTO compaction VALUES (0, 0);`,
  // expires: when the store deletes the key, in milliseconds of the store's time; only of rows that are the newest of a key.
  // checksum: of the value, begun with the revision; rows of format 1 have none. removed: nothing superseded is left up to this revision.
  // time: the store's time when it was last noted. opened: 1 from opening until closing, so that it is 1 after a crash.
  `ALTER TABLE log ADD COLUMN expires INTEGER;
   ALTER TABLE log ADD COLUMN checksum INTEGER;
   CREATE INDEX log_by_expiry ON log (expires) WHERE expires IS NOT NULL;
   ALTER TABLE compaction RENAME TO state;
   ALTER TABLE state RENAME COLUMN revision TO compacted;
   ALTER TABLE state ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE state ADD COLUMN time INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE state ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;`,
  // keys: the index of the log, which is brought up to date now and then. indexed: up to which revision it is.
  `CREATE TABLE keys (
     key TEXT NOT NULL, revision INTEGER NOT NULL, type INTEGER NOT NULL, expires INTEGER, PRIMARY KEY (key, revision)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO keys SELECT key, revision, type, expires FROM log ORDER BY key, revision;
   DROP INDEX log_by_key;
   ALTER TABLE state ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
   UPDATE state SET indexed = (SELECT coalesce(max(revision), 0) FROM log);`,
];

/** A file that was closed as it should be is checked nevertheless if it has no more bytes than this: that takes 0.1 s. */
const quicklyChecked = 64 * 1024 * 1024;

/** Makes the file one of the current format and marks it as open. Throws what SQLite does, and StoreErrors. */
export function prepareFile(connection: SqliteConnection, path: string): void {
  const format = connection.number('PRAGMA user_version');
  if (format > currentFormat) {
    throw new StoreError(
      'unavailable',
      `${path} has data of format ${format}, written by a newer kubets; this one knows ${currentFormat}: run the newer one, or restore a snapshot that this one has made`,
    );
  }
  if (format === 0 && connection.number('SELECT count(*) FROM sqlite_schema') > 0) {
    throw new StoreError(
      'unavailable',
      `${path} is a SQLite database of another program: move it away, or name another file`,
    );
  }
  const wasClosed = format >= 2 && connection.number('SELECT opened FROM state') === 0;
  if (format > 0 && isToBeChecked({ wasClosed, size: statSync(path).size })) checkFile(connection, path);
  connection.transaction(() => {
    for (const migration of migrations.slice(format)) connection.exec(migration);
    connection.exec(`UPDATE state SET opened = 1; PRAGMA user_version = ${currentFormat}`);
  });
  if (connection.number('PRAGMA auto_vacuum') === 0) allowShrinking(connection);
}

/** Notes that the file is whole and being closed. */
export function markClosed(connection: SqliteConnection): void {
  connection.exec('UPDATE state SET opened = 0');
}

/** Whether a file is looked through before it is used: after a crash always, else if that is quickly done. */
export function isToBeChecked({ wasClosed, size }: { readonly wasClosed: boolean; readonly size: number }): boolean {
  return !wasClosed || size <= quicklyChecked;
}

/** Reads every page, about 1 ms per MB. Damage inside values is found by their checksums, when they are read. */
function checkFile(connection: SqliteConnection, path: string): void {
  const finding = String(connection.row('PRAGMA quick_check(1)')?.['quick_check']);
  if (finding !== 'ok') throw damagedError(path, finding.replaceAll(/\s+/g, ' '));
}

/** The error for a file in which something was found that nobody has written. */
export function damagedError(path: string, finding: string): StoreError {
  return new StoreError(
    'corrupt',
    `${path} is damaged: ${finding}; keep a copy of it, look after the disk, and restore the last snapshot with "kubets store snapshot restore"`,
  );
}

/** Only a file that is written anew begins to be able to give pages back. */
function allowShrinking(connection: SqliteConnection): void {
  try {
    connection.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // It takes twice the room for a moment; a disk that has it not must not keep the store closed. The next start tries again.
  }
}
