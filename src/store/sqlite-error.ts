import { messageOf } from '../base/errors.ts';
import { StoreError } from './store.ts';
import type { StoreErrorKind } from './store.ts';

interface Explanation {
  readonly kind: StoreErrorKind;
  explain(path: string): string;
}

/** What SQLite's primary result codes mean to whoever runs the cluster. Source: sqlite.org/rescode.html. */
const explanations: Readonly<Record<number, Explanation>> = {
  5: {
    kind: 'busy',
    explain: (path) => `${path} is in use by another process; is another server running on this data directory?`,
  },
  8: {
    kind: 'readonly',
    explain: (path) => `${path} can't be written: its file system or its permissions are read-only`,
  },
  10: { kind: 'unavailable', explain: (path) => `the disk that holds ${path} reported an input/output error` },
  11: { kind: 'corrupt', explain: (path) => `${path} is damaged; restore it from a backup` },
  13: { kind: 'full', explain: (path) => `the disk that holds ${path} is full; free some space and try again` },
  14: {
    kind: 'unavailable',
    explain: (path) => `${path} can't be opened; does its directory exist and may it be entered?`,
  },
  26: {
    kind: 'corrupt',
    explain: (path) => `${path} is not a SQLite database; restore it from a backup or move it away`,
  },
};

/** A StoreError's kind and message for anything that the database threw. */
export function describeSqliteError(error: unknown, path: string): { kind: StoreErrorKind; message: string } {
  if (error instanceof StoreError) return { kind: error.kind, message: error.message };
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : 0;
  const known = explanations[code & 0xff];
  if (!known) return { kind: 'unavailable', message: `${path}: ${messageOf(error)}` };
  return { kind: known.kind, message: `${known.explain(path)} (${messageOf(error)})` };
}
