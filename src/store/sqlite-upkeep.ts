import type { SqliteConnection } from './sqlite-connection.ts';

/** How many revisions a slice of a compaction looks at: some milliseconds. */
const slice = 250;
/** How many pages a slice of giving back moves. */
const pages = 100;
/** Free pages that are kept, for they are soon needed again: so many, and a tenth of the file. */
const keptPages = 500;

const superseded = `FROM log AS newer CROSS JOIN keys AS older ON older.key = newer.key AND older.revision < newer.revision
  WHERE newer.revision > ? AND newer.revision <= ?`;
const deletions = 'FROM log WHERE revision > ? AND revision <= ? AND type = 2';
/** In this order: the newest row of a key, by which the others are found, is still there the second time. */
const removals = [
  `DELETE FROM log WHERE revision IN (SELECT older.revision ${superseded})`,
  `DELETE FROM keys WHERE (key, revision) IN (SELECT older.key, older.revision ${superseded})`,
  `DELETE FROM keys WHERE (key, revision) IN (SELECT key, revision ${deletions})`,
  `DELETE ${deletions}`,
] as const;

/**
 * Removes a slice of what nobody can read any more since the compaction; whether there may be more. Every row up to
 * `compacted`, all of which the index has, supersedes those before it of its key, so that only the rows since the last
 * compaction have to be looked at, however many there are in all.
 */
export function removeSuperseded(connection: SqliteConnection, compacted: number): boolean {
  const removed = connection.number('SELECT removed FROM state');
  if (removed >= compacted) return false;
  // Revisions that were left out, or removed before, take no time.
  const next = connection.number('SELECT min(revision) FROM log WHERE revision > ?', removed);
  const from = next === 0 ? compacted : Math.min(compacted, next - 1);
  const to = Math.min(compacted, from + slice);
  connection.transaction(() => {
    for (const removal of removals) connection.run(removal, from, to);
    connection.run('UPDATE state SET removed = ?', to);
  });
  return to < compacted;
}

/** Gives some free pages back to the disk; whether there are more than should be kept. */
export function giveBackPages(connection: SqliteConnection): boolean {
  const free = connection.number('PRAGMA freelist_count');
  const kept = Math.max(keptPages, connection.number('PRAGMA page_count') / 10);
  const surplus = Math.ceil(free - kept);
  if (surplus <= 0) return false;
  connection.exec(`PRAGMA incremental_vacuum(${Math.min(pages, surplus)})`);
  if (surplus > pages) return true;
  // The file is cut off only when the log of writes ahead is folded into it.
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return false;
}
