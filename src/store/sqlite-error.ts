import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { StoreError } from './store.ts';
import type { StoreErrorKind } from './store.ts';

interface Explanation {
  readonly kind: StoreErrorKind;
  explain(path: string): string;
}

const readonly: Explanation = {
  kind: 'readonly',
  explain: (path) =>
    `${path} can't be written: its file system or its permissions are read-only; make it writable, then writes go on`,
};
const inputOutput = 10;
const cantOpen = 14;
/** A commit that failed so was written as a whole, but not flushed for certain: after a crash it may be there. */
const flushCodes = [inputOutput | (4 << 8), inputOutput | (5 << 8)];
const unflushed: Explanation = {
  kind: 'uncertain',
  explain: (path) => `the disk that holds ${path} failed to keep what was written; look after the disk`,
};

/** What SQLite's primary result codes mean to whoever runs the cluster. Source: sqlite.org/rescode.html. */
const explanations: Readonly<Record<number, Explanation>> = {
  5: {
    kind: 'busy',
    explain: (path) => `${path} is in use by another process; is another server running on this data directory?`,
  },
  8: readonly,
  [inputOutput]: {
    kind: 'unavailable',
    explain: (path) => `the disk that holds ${path} reported an input/output error; look after the disk`,
  },
  11: {
    kind: 'corrupt',
    explain: (path) =>
      `${path} is damaged; keep a copy of it, look after the disk, and restore the last snapshot with "kubets store snapshot restore"`,
  },
  13: {
    kind: 'full',
    explain: (path) => `the disk that holds ${path} is full; free some space, then writes go on`,
  },
  [cantOpen]: {
    kind: 'unavailable',
    explain: (path) => `${path} can't be opened; does its directory exist and may it be entered?`,
  },
  26: {
    kind: 'corrupt',
    explain: (path) =>
      `${path} is not a SQLite database; move it away, and restore the last snapshot with "kubets store snapshot restore"`,
  },
};

/** A StoreError's kind and message for anything that the database threw. */
export function describeSqliteError(error: unknown, path: string): { kind: StoreErrorKind; message: string } {
  if (error instanceof StoreError) return { kind: error.kind, message: error.message };
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;
  const known = explain(code, path);
  if (!known) return { kind: 'unavailable', message: `${path}: ${messageOf(error)}` };
  return { kind: known.kind, message: `${known.explain(path)} (${messageOf(error)})` };
}

function explain(code: number, path: string): Explanation | undefined {
  if (flushCodes.includes(code)) return unflushed;
  // SQLite says so also when a file can't be written (any more), whatever the reason.
  const primary = code & 0xff;
  if ((primary === inputOutput || primary === cantOpen) && [path, dirname(path)].some(isReadonly)) return readonly;
  return explanations[primary];
}

function isReadonly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && ['EROFS', 'EACCES', 'EPERM'].includes(String(error.code));
  }
}
