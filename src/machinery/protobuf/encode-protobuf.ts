/**
 * From the JSON form of API objects to their protobuf form, byte for byte as upstream's generated marshalers write it:
 * fields by ascending number, values that are no pointers in Go always, maps by sorted key. Source: the generated.pb.go
 * files and apimachinery's runtime/serializer/protobuf.
 */
import type { FieldNode, ListNode, MapNode, SchemaNode, StructNode } from '../schema.ts';
import { isJsonObject, unionMembers } from '../schema.ts';
import { BackwardWriter } from '../backward-writer.ts';
import { scalarWriter } from './write-scalars.ts';
import type { WriteValue } from './write-scalars.ts';

/** The message of an object or struct: without kind and apiVersion, which stand in the envelope around it. */
export function encodeProtobuf(node: StructNode, value: object): Buffer {
  const writer = new BackwardWriter();
  structWriter(node)(writer, value);
  return writer.finish();
}

type Source = Readonly<Record<string, unknown>>;
type WriteStruct = (writer: BackwardWriter, value: unknown) => void;
type WriteField = (writer: BackwardWriter, source: Source) => void;

const compiled = new WeakMap<StructNode, WriteStruct>();
const nothing: Source = {};

function structWriter(node: StructNode): WriteStruct {
  let write = compiled.get(node);
  if (write) return write;
  let fields: readonly WriteField[] | undefined;
  write = (writer, value) => {
    // Structs may be recursive, so their fields are worked out on first use.
    fields ??= fieldWriters(node);
    const source = node.union ? unionMembers(node, value) : isJsonObject(value) ? value : nothing;
    for (const field of fields) field(writer, source);
  };
  compiled.set(node, write);
  return write;
}

interface PlacedField {
  readonly name: string;
  readonly field: FieldNode;
  /** What is left of the way to it, through structs that JSON inlines. */
  readonly via: readonly number[];
}

function fieldWriters(node: StructNode): readonly WriteField[] {
  return messageWriters(Object.entries(node.fields).map(([name, field]) => ({ name, field, via: field.via ?? [] })));
}

/** The writers of a message's fields, by descending number. */
function messageWriters(fields: readonly PlacedField[]): readonly WriteField[] {
  const writers = new Map<number, WriteField>();
  const embedded = new Map<number, PlacedField[]>();
  for (const { name, field, via } of fields) {
    const [outer, ...inner] = via;
    if (outer !== undefined) {
      embedded.set(outer, [...(embedded.get(outer) ?? []), { name, field, via: inner }]);
    } else if (field.id !== 0) writers.set(field.id, fieldWriter(name, field));
  }
  for (const [id, members] of embedded) writers.set(id, embeddedWriter(id, messageWriters(members)));
  return [...writers].toSorted(([a], [b]) => b - a).map(([, write]) => write);
}

/** A struct that JSON inlines: its members are those of the holder. It is no pointer, so it is always there. */
function embeddedWriter(id: number, members: readonly WriteField[]): WriteField {
  const tag = tagOf(id, lengthDelimited);
  return (writer, source) => {
    const end = writer.position;
    for (const write of members) write(writer, source);
    writer.delimit(tag, end);
  };
}

const lengthDelimited = 2;

function tagOf(id: number, wireType: number): number {
  return (id << 3) | wireType;
}

function fieldWriter(name: string, field: FieldNode): WriteField {
  const { type, id } = field;
  if (type.kind === 'list') return listWriter(name, id, type);
  if (type.kind === 'map') return mapWriter(name, id, type);
  const write = valueWriter(id, type);
  if (isAlwaysWritten(field)) return (writer, source) => write(writer, source[name] ?? undefined);
  return (writer, source) => {
    const value = source[name];
    if (value !== undefined && value !== null) write(writer, value);
  };
}

/** Whether Go has the value itself rather than a pointer, which may be nil. Bytes are a slice, which may be nil too. */
function isAlwaysWritten({ type, required, default: fallback, zeroIsUnset }: FieldNode): boolean {
  if (type.kind === 'bytes') return false;
  if (type.kind !== 'struct') return required || zeroIsUnset || isZero(fallback);
  // A required selector may be absent: absent and empty mean opposite things.
  return zeroIsUnset || fallback !== undefined || (required && type.name !== 'LabelSelector');
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

/** Writes one value with its tag; undefined is its zero value. */
function valueWriter(id: number, node: SchemaNode): WriteValue {
  if (node.kind === 'list') return messageWriter(id, listMessageWriter(node));
  if (node.kind === 'map') throw new TypeError('protobuf has no maps as elements');
  if (node.kind === 'struct') return messageWriter(id, structWriter(node));
  const { write, wireType } = scalarWriter(node.kind);
  const tag = tagOf(id, wireType);
  if (wireType === lengthDelimited) return messageWriter(id, write);
  return (writer, value) => {
    write(writer, value);
    writer.tag(tag);
  };
}

function messageWriter(id: number, write: WriteValue): WriteValue {
  const tag = tagOf(id, lengthDelimited);
  return (writer, value) => {
    const end = writer.position;
    write(writer, value);
    writer.delimit(tag, end);
  };
}

/** A list as a map's value is a message of its own, whose field 1 repeats. */
function listMessageWriter({ items }: ListNode): WriteValue {
  const write = valueWriter(1, items);
  return (writer, value) => {
    if (Array.isArray(value)) writeItems(writer, value, write);
  };
}

function listWriter(name: string, id: number, { items }: ListNode): WriteField {
  const write = valueWriter(id, items);
  return (writer, source) => {
    const list = source[name];
    if (Array.isArray(list)) writeItems(writer, list, write);
  };
}

function writeItems(writer: BackwardWriter, list: readonly unknown[], write: WriteValue): void {
  for (let i = list.length - 1; i >= 0; i--) write(writer, list[i] ?? undefined);
}

function mapWriter(name: string, id: number, { values }: MapNode): WriteField {
  const tag = tagOf(id, lengthDelimited);
  const writeKey = valueWriter(1, { kind: 'string' });
  const writeMember = valueWriter(2, values);
  return (writer, source) => {
    const map = source[name];
    if (!isJsonObject(map)) return;
    const keys = sortedKeys(map);
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i]!;
      const end = writer.position;
      writeMember(writer, map[key] ?? undefined);
      writeKey(writer, key);
      writer.delimit(tag, end);
    }
  };
}

const surrogate = /[\ud800-\udfff]/;

/** Sorted by their bytes. Texts compare alike unless they have characters beyond the basic plane. */
function sortedKeys(map: object): readonly string[] {
  const keys = Object.keys(map);
  let previous = '';
  for (const key of keys) {
    if (key < previous || surrogate.test(key)) return keys.sort(byBytes);
    previous = key;
  }
  return keys;
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
