/** Messages of gRPC services as tables of their fields. What the API's own kinds look like in protobuf comes from their schemas instead. */
import protobuf from 'protobufjs/minimal.js';

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

/** One field of a protobuf message: its number, what it is when absent, and how it is read and written. */
export interface Field<T> {
  readonly id: number;
  readonly empty: () => T;
  /** Reads one occurrence; `soFar` is what earlier occurrences gave. */
  readonly read: (reader: Reader, wireType: number, soFar: T) => T;
  readonly write: (writer: Writer, value: T) => void;
}

/** A message: one field per property of `T`, so the compiler finds a property that the wire does not know. */
export type MessageFields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** Turns a value into bytes and back. */
export interface Codec<T> {
  readonly encode: (value: T) => Buffer;
  readonly decode: (bytes: Uint8Array) => T;
  readonly fields: MessageFields<T>;
}

/** A scalar: its wire type, its value when absent. */
interface Scalar<T> {
  readonly wireType: 0 | 1 | 2;
  readonly empty: T;
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => unknown;
}

const lengthDelimited = 2;
const nanosPerMilli = 1e6;

/** protobuf `string`. */
export const string: Scalar<string> = {
  wireType: 2,
  empty: '',
  read: (r) => r.string(),
  write: (w, v) => w.string(v),
};
/** protobuf `bytes`. */
export const bytes: Scalar<Uint8Array> = {
  wireType: 2,
  empty: new Uint8Array(0),
  read: (r) => r.bytes(),
  write: (w, v) => w.bytes(v),
};
/** protobuf `bool`. */
export const bool: Scalar<boolean> = { wireType: 0, empty: false, read: (r) => r.bool(), write: (w, v) => w.bool(v) };
/** protobuf `int32`. */
export const int32: Scalar<number> = { wireType: 0, empty: 0, read: (r) => r.int32(), write: (w, v) => w.int32(v) };
/** protobuf `uint32`. */
export const uint32: Scalar<number> = { wireType: 0, empty: 0, read: (r) => r.uint32(), write: (w, v) => w.uint32(v) };
/** protobuf `double`. */
export const double: Scalar<number> = { wireType: 1, empty: 0, read: (r) => r.double(), write: (w, v) => w.double(v) };
/** protobuf `int64`, as a number: exact up to 2^53. */
export const int64: Scalar<number> = {
  wireType: 0,
  empty: 0,
  read: (r) => Number(r.int64()),
  write: (w, v) => w.int64(v),
};
/** protobuf `uint64`, as a number: exact up to 2^53. */
export const uint64: Scalar<number> = {
  wireType: 0,
  empty: 0,
  read: (r) => Number(r.uint64()),
  write: (w, v) => w.uint64(v),
};
/** CRI's times: nanoseconds since the epoch on the wire, milliseconds here. */
export const time: Scalar<number> = {
  wireType: 0,
  empty: 0,
  read: (r) => Number(r.int64()) / nanosPerMilli,
  write: (w, v) => w.int64(v * nanosPerMilli),
};

/** An enum by the names of its numbers 0, 1, 2 …; an unknown number reads as `otherwise`, or the first name. */
export function oneOf<const T extends string>(names: readonly [T, ...T[]], otherwise?: NoInfer<T>): Scalar<T> {
  return {
    wireType: 0,
    empty: names[0],
    read: (r) => names[r.int32()] ?? otherwise ?? names[0],
    write: (w, v) => w.int32(Math.max(0, names.indexOf(v))),
  };
}

/** A scalar that is its zero value when absent. */
export function field<T>(id: number, scalar: Scalar<T>): Field<T> {
  return {
    id,
    empty: () => scalar.empty,
    read: (reader) => scalar.read(reader),
    write: (writer, value) => void scalar.write(writer.uint32((id << 3) | scalar.wireType), value),
  };
}

/** A field that may be absent: undefined is not written, and absence reads as undefined. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
  return {
    id: inner.id,
    empty: () => undefined,
    read: (reader, wireType, soFar) => inner.read(reader, wireType, soFar ?? inner.empty()),
    write: (writer, value) => (value === undefined ? undefined : inner.write(writer, value)),
  };
}

/** `optional` for a number whose zero means that it is absent, such as the end of what still runs. */
export function nonZero(inner: Field<number>): Field<number | undefined> {
  const { read } = inner;
  return { ...optional(inner), read: (reader, wireType) => read(reader, wireType, 0) || undefined };
}

/** A repeated field; numbers are read packed or not, and written packed. */
export function list<T>(id: number, scalar: Scalar<T>): Field<readonly T[]> {
  return {
    id,
    empty: () => [],
    read: (reader, wireType, soFar) => {
      const values = soFar as T[]; // Made by `empty` for this very message: growing it in place keeps lists linear.
      if (wireType === lengthDelimited && scalar.wireType !== lengthDelimited)
        values.push(...readPacked(reader, scalar));
      else values.push(scalar.read(reader));
      return values;
    },
    write: (writer, values) =>
      scalar.wireType === lengthDelimited
        ? values.forEach((value) => scalar.write(writer.uint32((id << 3) | scalar.wireType), value))
        : writePacked(writer, id, scalar, values),
  };
}

/** A `map<string, string>`. */
export function stringMap(id: number): Field<Readonly<Record<string, string>>> {
  return map(id, string);
}

/** A `map<string, T>`. */
export function map<T>(id: number, scalar: Scalar<T>): Field<Readonly<Record<string, T>>> {
  const entry = embedded(message<{ key: string; value: T }>({ key: field(1, string), value: field(2, scalar) }));
  return {
    id,
    empty: () => ({}),
    read: (reader, _, soFar) => {
      const { key, value } = entry.read(reader);
      return { ...soFar, [key]: value };
    },
    write: (writer, values) => {
      for (const [key, value] of Object.entries(values)) {
        entry.write(writer.uint32((id << 3) | lengthDelimited), { key, value });
      }
    },
  };
}

/** A message as a field's type. */
export function embedded<T>(codec: Codec<T>): Scalar<T> {
  return {
    wireType: 2,
    get empty(): T {
      return emptyOf(codec.fields);
    },
    read: (reader) => readMessage(codec.fields, reader, reader.uint32() + reader.pos),
    write: (writer, value) => {
      writeMessage(codec.fields, writer.fork(), value);
      return writer.ldelim();
    },
  };
}

/** A message with nothing but one value (`Int64Value`), read and written as that value. */
export function boxed<T>(inner: Scalar<T>, innerId = 1): Scalar<T> {
  const box = embedded(message<{ value: T }>({ value: field(innerId, inner) }));
  return {
    wireType: 2,
    get empty(): T {
      return inner.empty;
    },
    read: (reader) => box.read(reader).value,
    write: (writer, value) => box.write(writer, { value }),
  };
}

/** The codec of a message with these fields. */
export function message<T>(fields: MessageFields<T>): Codec<T> {
  return {
    fields,
    encode(value) {
      const writer = protobuf.Writer.create();
      writeMessage(fields, writer, value);
      return Buffer.from(writer.finish());
    },
    decode: (data) => readMessage(fields, protobuf.Reader.create(data), data.length),
  };
}

function writeMessage<T>(fields: MessageFields<T>, writer: Writer, value: T): void {
  for (const key in fields) {
    const part = value[key];
    if (part !== undefined) fields[key].write(writer, part);
  }
}

function readMessage<T>(fields: MessageFields<T>, reader: Reader, end: number): T {
  const result = emptyOf(fields);
  const names = namesById(fields);
  while (reader.pos < end) {
    const tag = reader.uint32();
    const name = names.get(tag >>> 3);
    if (name === undefined) reader.skipType(tag & 7);
    else result[name] = fields[name].read(reader, tag & 7, result[name]);
  }
  return result;
}

function emptyOf<T>(fields: MessageFields<T>): T {
  const result: Partial<T> = {};
  for (const key in fields) result[key] = fields[key].empty();
  return result as T;
}

const indexes = new WeakMap<object, Map<number, string>>();

function namesById<T>(fields: MessageFields<T>): Map<number, Extract<keyof T, string>> {
  let index = indexes.get(fields);
  if (!index) {
    index = new Map(Object.entries<Field<unknown>>(fields as never).map(([name, { id }]) => [id, name]));
    indexes.set(fields, index);
  }
  return index as Map<number, Extract<keyof T, string>>;
}

function* readPacked<T>(reader: Reader, scalar: Scalar<T>): Generator<T> {
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) yield scalar.read(reader);
}

function writePacked<T>(writer: Writer, id: number, scalar: Scalar<T>, values: readonly T[]): void {
  if (values.length === 0) return;
  writer.uint32((id << 3) | lengthDelimited).fork();
  for (const value of values) scalar.write(writer, value);
  writer.ldelim();
}
