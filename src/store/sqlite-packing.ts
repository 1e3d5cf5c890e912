/**
 * How writes and values travel between the store and its thread: few typed arrays instead of many objects, since what a
 * message costs grows with the number of objects in it.
 */
import type { Write, WriteResult } from './sqlite-database.ts';
import type { StoredValue } from './store.ts';

/** Byte strings, one behind the other. */
export interface PackedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Float64Array<ArrayBuffer>;
}

/** Writes; keys joined by line breaks, which none contains. */
export interface PackedWrites extends PackedBytes {
  readonly keys: string;
  readonly types: Uint8Array<ArrayBuffer>;
  /** Revisions; NaN for none. */
  readonly expected: Float64Array<ArrayBuffer>;
  /** Seconds to live, NaN for no end; absent if no write has any. */
  readonly ttls?: Float64Array<ArrayBuffer> | undefined;
}

/** What became of writes. Those that were not refused have consecutive revisions, from `first` on. */
export interface PackedResults {
  readonly first: number;
  readonly refused: readonly (readonly [index: number, result: WriteResult])[];
  /** The values of the writes that were deletions, in their order. */
  readonly deleted: readonly Uint8Array[];
}

/** Values of a list. */
export interface PackedValues extends PackedBytes {
  readonly keys: string;
  readonly revisions: Float64Array<ArrayBuffer>;
  /** As of writes. */
  readonly ttls?: Float64Array<ArrayBuffer> | undefined;
}

const types = ['created', 'updated', 'deleted'] as const;
const nothing = new Uint8Array();

/** Packs writes. */
export function packWrites(writes: readonly Write[]): PackedWrites {
  const typeNumbers = new Uint8Array(writes.length);
  const expected = new Float64Array(writes.length).fill(Number.NaN);
  let ttls: Float64Array<ArrayBuffer> | undefined;
  writes.forEach((write, index) => {
    typeNumbers[index] = types.indexOf(write.type);
    if (write.type !== 'created' && write.expected !== undefined) expected[index] = write.expected;
    if (write.type === 'deleted' || write.ttl === undefined) return;
    ttls ??= new Float64Array(writes.length).fill(Number.NaN);
    ttls[index] = write.ttl;
  });
  return {
    ...packBytes(writes.map((write) => (write.type === 'deleted' ? nothing : write.value))),
    keys: writes.map(({ key }) => key).join('\n'),
    types: typeNumbers,
    expected,
    ttls,
  };
}

/** The writes that were packed. */
export function unpackWrites(packed: PackedWrites): Write[] {
  const keys = packed.keys.split('\n');
  return unpackBytes(packed).map((value, index): Write => {
    const key = keys[index]!;
    const type = types[packed.types[index]!]!;
    if (type === 'created') return { type, key, value, ...ttlAt(packed, index) };
    const expected = packed.expected[index]!;
    if (type === 'updated') return { type, key, value, expected, ...ttlAt(packed, index) };
    return { type, key, expected: Number.isNaN(expected) ? undefined : expected };
  });
}

/** Packs the results of `writes`. */
export function packResults(results: readonly WriteResult[]): PackedResults {
  const refused: [number, WriteResult][] = [];
  const deleted: Uint8Array[] = [];
  let first: number | undefined;
  results.forEach((result, index) => {
    if ('refused' in result) return void refused.push([index, result]);
    first ??= result.revision;
    if (result.deleted) deleted.push(result.deleted);
  });
  return { first: first ?? 0, refused, deleted };
}

/** The results that were packed, of these writes. */
export function unpackResults(writes: readonly Write[], { first, refused, deleted }: PackedResults): WriteResult[] {
  let revision = first;
  let refusals = 0;
  let deletions = 0;
  return writes.map(({ type }, index) => {
    if (refused[refusals]?.[0] === index) return refused[refusals++]![1];
    return type === 'deleted' ? { revision: revision++, deleted: deleted[deletions++] } : { revision: revision++ };
  });
}

/** Packs the values of a list. */
export function packValues(items: readonly StoredValue[]): PackedValues {
  return {
    ...packBytes(items.map(({ value }) => value)),
    keys: items.map(({ key }) => key).join('\n'),
    revisions: Float64Array.from(items, ({ revision }) => revision),
    ttls: packTtls(items),
  };
}

/** The values that were packed; they share their memory. */
export function unpackValues(packed: PackedValues): StoredValue[] {
  const keys = packed.keys.split('\n');
  return unpackBytes(packed).map((value, index) => {
    const item = { key: keys[index]!, value, revision: packed.revisions[index]! };
    return packed.ttls ? { ...item, ...ttlAt(packed, index) } : item;
  });
}

type WithTtl = { readonly ttl?: number | undefined };

function packTtls(all: readonly WithTtl[]): Float64Array<ArrayBuffer> | undefined {
  if (all.every(({ ttl }) => ttl === undefined)) return undefined;
  return Float64Array.from(all, ({ ttl }) => ttl ?? Number.NaN);
}

function ttlAt({ ttls }: Pick<PackedValues, 'ttls'>, index: number): WithTtl {
  const ttl = ttls?.[index] ?? Number.NaN;
  return Number.isNaN(ttl) ? {} : { ttl };
}

function packBytes(values: readonly Uint8Array[]): PackedBytes {
  const ends = new Float64Array(values.length);
  let length = 0;
  values.forEach((value, index) => (ends[index] = length += value.length));
  const bytes = new Uint8Array(length);
  values.forEach((value, index) => bytes.set(value, ends[index]! - value.length));
  return { bytes, ends };
}

function unpackBytes({ bytes, ends }: PackedBytes): Uint8Array[] {
  return Array.from(ends, (end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1]!, end));
}
