/** Where the API server keeps its objects: bytes under keys, with one revision counter for all of them. */

/** A value as it stands in the store. */
export interface StoredValue {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision of the write that made this value. */
  readonly revision: number;
  /** Whole seconds that it has left to live, at least 1; absent: no end, or the list was not asked (`ttls`). */
  readonly ttl?: number | undefined;
}

/** One change. A deletion carries the value that was deleted. */
export interface StoreEvent {
  readonly type: 'created' | 'updated' | 'deleted';
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
}

/** Which part of a prefix a list is about. */
export interface StoreListOptions {
  /** Read the past; default: the newest state. */
  readonly revision?: number | undefined;
  /** Values to return at most. */
  readonly limit?: number | undefined;
  /** Start behind this key. */
  readonly after?: string | undefined;
  /** Whether to count what is behind the last item, which takes a walk over it. Default: true. */
  readonly counted?: boolean | undefined;
  /** Whether values come with what they have left to live, which may take asking for each: for backups. Default: false. */
  readonly ttls?: boolean | undefined;
  /** Gives up waiting: rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a value is read. */
export interface StoreGetOptions {
  /** Read the past; default: the newest state. */
  readonly revision?: number | undefined;
  /** Gives up waiting: rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How a value is written. */
export interface StoreWriteOptions {
  /** Seconds after which the store deletes the key, as any deletion, unless it is written again before. Default: never. */
  readonly ttl?: number | undefined;
  /** So many of the value's bytes were added on its way here, by encryption, and do not count towards its largest size. */
  readonly added?: number | undefined;
}

/** The largest value, in bytes: what etcd takes in a request by default, less room for the key and for what encryption adds. */
export const maxValueBytes = 1_500_000;

/** Values in the order of their keys, all as they were at `revision`. */
export interface StoreList {
  readonly items: readonly StoredValue[];
  readonly revision: number;
  /** How many more the prefix holds behind the last item; uncounted 0, also if there are more. */
  readonly remaining: number;
}

/** Receives changes: in order, each revision once, in batches that were committed together. */
export interface StoreListener {
  events(batch: readonly StoreEvent[]): void;
  /** There is no event up to this revision that has not been heard: it was reached by writes elsewhere. */
  progress?(revision: number): void;
  /** The watch is over: the store failed, or the start revision was compacted. */
  failed(error: StoreError): void;
}

/**
 * A durable, revisioned map. A write is acknowledged only once it would survive a crash; revisions grow with
 * every write, whatever its key, and are never used twice. Listeners hear of a write before its promise resolves. Every failure is a `StoreError`.
 */
export interface Store extends AsyncDisposable {
  /** The newest revision that this process could observe; a read after it sees every write acknowledged before. */
  revision(): number | Promise<number>;
  get(key: string, options?: StoreGetOptions): Promise<StoredValue | undefined>;
  list(prefix: string, options?: StoreListOptions): Promise<StoreList>;
  /** Resolves with the revision of the write. Fails with `exists`. */
  create(key: string, value: Uint8Array, options?: StoreWriteOptions): Promise<number>;
  /** Replaces the value that has `expected` as its revision. Fails with `conflict` or `notFound`. */
  update(key: string, value: Uint8Array, expected: number, options?: StoreWriteOptions): Promise<number>;
  /** Deletes the value that has `expected` as its revision, or any. Fails with `conflict` or `notFound`. */
  delete(key: string, expected?: number): Promise<number>;
  /** Hears of every change under `prefix` with a revision above `after`, past ones first, until disposed. */
  watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable;
  /** Whether a value should be written anew although it has not changed: it is encrypted as is no longer wanted. Absent: never. */
  isOutdated?(key: string): boolean | Promise<boolean>;
  /** Forgets what was superseded at `revision`: older states can no longer be read nor watched from. */
  compact(revision: number): Promise<void>;
}

/** Why a store refused or failed. `uncertain`: a write may or may not have been applied; it must not be sent again blindly. */
export type StoreErrorKind =
  | 'exists'
  | 'conflict'
  | 'notFound'
  | 'compacted'
  | 'future'
  | 'tooLarge'
  | 'uncertain'
  | 'full'
  | 'readonly'
  | 'corrupt'
  | 'busy'
  | 'unavailable';

/** The one error of stores; branch on `kind`. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}

/** The error for a read or watch at a revision that is gone. */
export function compactedError(revision: number, compacted: number): StoreError {
  return new StoreError(
    'compacted',
    `revision ${revision} has been compacted; the oldest readable one is ${compacted}`,
  );
}

/** The error for a value that is larger than every store takes; undefined when it is not. */
export function sizeError(
  key: string,
  value: Uint8Array,
  { added = 0 }: StoreWriteOptions = {},
): StoreError | undefined {
  const size = value.length - added;
  if (size <= maxValueBytes) return undefined;
  return new StoreError('tooLarge', `the value of ${key} has ${size} bytes; at most ${maxValueBytes} can be stored`);
}

/** The smallest string above every string that starts with `prefix`. */
export function prefixEnd(prefix: string): string {
  if (prefix === '') return '\u{10ffff}';
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}
