/** Scalars of the API to their protobuf form: some are messages of their own. */
import { parseDuration } from '../duration.ts';
import type { ScalarKind } from '../schema.ts';
import type { BackwardWriter } from '../backward-writer.ts';

/** Writes one value; undefined is the zero value. */
export type WriteValue = (writer: BackwardWriter, value: unknown) => void;

/** How a scalar is written: without its tag, and without its length if `wireType` is 2. */
export interface ScalarWriter {
  readonly wireType: 0 | 1 | 2;
  readonly write: WriteValue;
}

/** The writer of a scalar kind. */
export function scalarWriter(kind: ScalarKind): ScalarWriter {
  return writers[kind];
}

const varint: ScalarWriter = {
  wireType: 0,
  write: (writer, value) => writer.varint(typeof value === 'number' ? value : 0),
};

const writers: Readonly<Record<ScalarKind, ScalarWriter>> = {
  string: { wireType: 2, write: writeText },
  int32: varint,
  int64: varint,
  double: { wireType: 1, write: (writer, value) => writer.double(typeof value === 'number' ? value : 0) },
  bool: { wireType: 0, write: (writer, value) => writer.varint(value === true ? 1 : 0) },
  bytes: {
    wireType: 2,
    write(writer, value) {
      if (typeof value === 'string') writer.base64(value);
    },
  },
  time: { wireType: 2, write: writeInstant },
  microTime: { wireType: 2, write: writeInstant },
  duration: {
    wireType: 2,
    write(writer, value) {
      writer.varint(typeof value === 'string' ? Math.round(parseDuration(value) * 1e6) : 0);
      writer.tag(8);
    },
  },
  quantity: { wireType: 2, write: (writer, value) => writeMember(writer, 0x0a, value ?? '0') },
  intOrString: { wireType: 2, write: writeIntOrString },
  json: {
    wireType: 2,
    write(writer, value) {
      if (value !== undefined) writeMember(writer, 0x0a, JSON.stringify(value));
    },
  },
};

function writeText(writer: BackwardWriter, value: unknown): void {
  if (typeof value === 'string') writer.text(value);
}

function writeMember(writer: BackwardWriter, tag: number, value: unknown): void {
  const end = writer.position;
  writeText(writer, typeof value === 'number' ? String(value) : value);
  writer.delimit(tag, end);
}

/** Seconds and nanoseconds; the zero time is an empty message. Source: metav1.Time and MicroTime, ProtoMicroTime. */
function writeInstant(writer: BackwardWriter, value: unknown): void {
  if (typeof value !== 'string') return;
  const dot = value.indexOf('.');
  const digits = dot < 0 ? '' : /^\d*/.exec(value.slice(dot + 1))![0];
  const ms = Date.parse(dot < 0 ? value : value.slice(0, dot) + value.slice(dot + 1 + digits.length));
  if (Number.isNaN(ms)) return;
  writer.varint(digits === '' ? 0 : Number(digits.slice(0, 9).padEnd(9, '0')));
  writer.tag(0x10);
  writer.varint(Math.floor(ms / 1000));
  writer.tag(0x08);
}

/** All three members are always there. Source: intstr.IntOrString. */
function writeIntOrString(writer: BackwardWriter, value: unknown): void {
  const isText = typeof value === 'string';
  writeMember(writer, 0x1a, isText ? value : '');
  writer.varint(typeof value === 'number' ? value : 0);
  writer.tag(0x10);
  writer.varint(isText ? 1 : 0);
  writer.tag(0x08);
}
