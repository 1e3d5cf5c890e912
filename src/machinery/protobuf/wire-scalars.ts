/** Scalars of the API in their protobuf form: some are messages of their own. */
import protobuf from 'protobufjs/minimal.js';
import { timestamp } from '../../base/clock.ts';
import { formatDuration } from '../duration.ts';
import type { ScalarKind } from '../schema.ts';

/** Reads the wire format. */
export type WireReader = protobuf.Reader;

/** Reads one value; undefined stands for the value that JSON shows as absent. */
export type ReadValue = (reader: WireReader) => unknown;

/** The reader of a scalar kind. */
export function scalarReader(kind: ScalarKind): ReadValue {
  return readers[kind];
}

const readers: Readonly<Record<ScalarKind, ReadValue>> = {
  string: (reader) => reader.string(),
  int32: int,
  int64: int,
  double: (reader) => reader.double(),
  bool: (reader) => reader.bool(),
  bytes: (reader) => Buffer.from(reader.bytes()).toString('base64'),
  time: (reader) => instant(reader, false),
  microTime: (reader) => instant(reader, true),
  duration: (reader) => formatDuration(Number(members(reader).get(1) ?? 0) / 1e6),
  quantity: (reader) => members(reader).get(1) ?? '0',
  intOrString(reader) {
    const message = members(reader);
    return message.get(1) === 1 ? (message.get(3) ?? '') : Number(message.get(2) ?? 0);
  },
  json(reader) {
    const raw = members(reader).get(1);
    return raw === undefined || raw === '' ? undefined : (JSON.parse(String(raw)) as unknown);
  },
};

/** Negative numbers are written in 64 bits also when they are of 32. */
function int(reader: WireReader): number {
  return protobuf.util.LongBits.from(reader.int64()).toNumber();
}

/** A small message of numbers and texts, by field number. */
function members(reader: WireReader): ReadonlyMap<number, number | string> {
  const found = new Map<number, number | string>();
  const message = protobuf.Reader.create(reader.bytes());
  while (message.pos < message.len) {
    const tag = message.uint32();
    const wireType = tag & 7;
    if (wireType === 0) found.set(tag >>> 3, int(message));
    else if (wireType === 2) found.set(tag >>> 3, message.string());
    else message.skipType(wireType);
  }
  return found;
}

/** Go's zero time is an empty message. */
function instant(reader: WireReader, micro: boolean): string | undefined {
  const message = members(reader);
  const seconds = Number(message.get(1) ?? 0);
  const nanos = Number(message.get(2) ?? 0);
  if (seconds === 0 && nanos === 0) return undefined;
  const text = timestamp(seconds * 1000);
  return micro ? text.replace('Z', `.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`) : text;
}
