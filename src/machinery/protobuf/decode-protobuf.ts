/**
 * From the protobuf form of API objects to their JSON form, derived from their schema. Typed Go clients, kubectl's among
 * them, send it. Source: apimachinery's runtime/serializer/protobuf and the generated.proto files.
 */
import protobuf from 'protobufjs/minimal.js';
import { StatusError, messageOf } from '../../base/errors.ts';
import { unionValue } from '../schema.ts';
import type { FieldNode, ListNode, MapNode, SchemaNode, StructNode } from '../schema.ts';
import { zeroOf } from '../decode-scalars.ts';
import { scalarReader } from './wire-scalars.ts';
import type { ReadValue, WireReader } from './wire-scalars.ts';

/** What every object in this form begins with. */
const magic = [0x6b, 0x38, 0x73, 0x00];

/** An object in its envelope: what it is, and its bytes. */
export interface ProtobufEnvelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Opens the envelope (runtime.Unknown behind `k8s\0`). Throws StatusError BadRequest. */
export function openEnvelope(bytes: Uint8Array): ProtobufEnvelope {
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    throw malformed('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  return guarded(() => {
    const envelope = { apiVersion: '', kind: '', raw: bytes.subarray(bytes.length) };
    readFields(protobuf.Reader.create(bytes.subarray(magic.length)), (id, reader) => {
      if (id === 2) envelope.raw = reader.bytes();
      else if (id === 1)
        readFields(protobuf.Reader.create(reader.bytes()), (member, type) => readTypeMeta(envelope, member, type));
      else return false;
      return true;
    });
    return envelope;
  });
}

function readTypeMeta(envelope: { apiVersion: string; kind: string }, id: number, reader: WireReader): boolean {
  if (id === 1) envelope.apiVersion = reader.string();
  else if (id === 2) envelope.kind = reader.string();
  else return false;
  return true;
}

/** The JSON form of a message. Zero values that Go writes for absent fields are left out where they can be told. */
export function decodeProtobuf(node: StructNode, bytes: Uint8Array): Record<string, unknown> {
  return guarded(() => structReader(node)(bytes));
}

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // What the reader says of ends that come too soon is its own.
    throw malformed(error instanceof RangeError ? 'unexpected EOF' : messageOf(error));
  }
}

function malformed(detail: string): StatusError {
  return new StatusError('BadRequest', detail);
}

/** Reads fields; `take` says whether it knew one. */
function readFields(reader: WireReader, take: (id: number, reader: WireReader, wireType: number) => boolean): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!take(tag >>> 3, reader, tag & 7)) reader.skipType(tag & 7);
  }
}

type Message = Record<string, unknown>;
type ReadStruct = (bytes: Uint8Array) => Message;
type ReadField = (target: Message, reader: WireReader, wireType: number) => void;

const compiled = new WeakMap<StructNode, ReadStruct>();

function structReader(node: StructNode): ReadStruct {
  let read = compiled.get(node);
  if (read) return read;
  let fields: ReadonlyMap<number, ReadField> | undefined;
  read = (bytes) => {
    const target: Message = {};
    // Structs may be recursive, so their fields are worked out on first use.
    readInto((fields ??= fieldReaders(node)), bytes, target);
    return target;
  };
  compiled.set(node, read);
  return read;
}

function readInto(fields: ReadonlyMap<number, ReadField>, bytes: Uint8Array, target: Message): void {
  readFields(protobuf.Reader.create(bytes), (id, reader, wireType) => {
    const read = fields.get(id);
    read?.(target, reader, wireType);
    return read !== undefined;
  });
}

function fieldReaders(node: StructNode): ReadonlyMap<number, ReadField> {
  return messageReaders(Object.entries(node.fields).map(([name, field]) => ({ name, field, via: field.via ?? [] })));
}

interface PlacedField {
  readonly name: string;
  readonly field: FieldNode;
  /** What is left of the way to it, through structs that JSON inlines. */
  readonly via: readonly number[];
}

function messageReaders(fields: readonly PlacedField[]): ReadonlyMap<number, ReadField> {
  const readers = new Map<number, ReadField>();
  const inlined = new Map<number, PlacedField[]>();
  for (const { name, field, via } of fields) {
    const [outer, ...inner] = via;
    if (outer !== undefined) {
      inlined.set(outer, [...(inlined.get(outer) ?? []), { name, field, via: inner }]);
    } else if (field.id !== 0) readers.set(field.id, fieldReader(name, field));
  }
  for (const [id, members] of inlined) {
    const memberReaders = messageReaders(members);
    readers.set(id, (target, reader) => readInto(memberReaders, reader.bytes(), target));
  }
  return readers;
}

function fieldReader(name: string, { type, zeroIsUnset }: FieldNode): ReadField {
  if (type.kind === 'list') return listReader(name, type);
  if (type.kind === 'map') return mapReader(name, type);
  const read = valueReader(type);
  return (target, reader) => {
    const value = read(reader);
    if (value === undefined || (zeroIsUnset && (value === '' || value === 0 || value === false))) return;
    target[name] = value;
  };
}

function listReader(name: string, { items }: ListNode): ReadField {
  const read = valueReader(items);
  const packable = items.kind === 'int32' || items.kind === 'int64' || items.kind === 'bool';
  return (target, reader, wireType) => {
    const list = (target[name] ??= []) as unknown[];
    if (!packable || wireType !== 2) {
      list.push(read(reader));
      return;
    }
    const packed = protobuf.Reader.create(reader.bytes());
    while (packed.pos < packed.len) list.push(read(packed));
  };
}

function mapReader(name: string, { values }: MapNode): ReadField {
  const read = values.kind === 'list' ? nestedList(values) : valueReader(values);
  const absent = zeroMember(values);
  return (target, reader) => {
    let key = '';
    let value: unknown;
    readFields(protobuf.Reader.create(reader.bytes()), (id, entry) => {
      if (id === 1) key = entry.string();
      else if (id === 2) value = read(entry);
      else return false;
      return true;
    });
    const map = (target[name] ??= {}) as Message;
    Object.defineProperty(map, key, { value: value ?? absent(), enumerable: true, configurable: true, writable: true });
  };
}

/** What a map's entry without a value stands for. */
function zeroMember({ kind }: SchemaNode): () => unknown {
  if (kind === 'struct' || kind === 'map') return () => ({});
  if (kind === 'list') return () => [];
  if (kind === 'bytes') return () => '';
  const zero = kind === 'quantity' ? '0' : (zeroOf(kind) ?? null);
  return () => zero;
}

/** A list as a map's value is a message of its own, whose field 1 repeats. */
function nestedList(node: ListNode): ReadValue {
  const read = valueReader(node.items);
  return (reader) => {
    const items: unknown[] = [];
    readFields(protobuf.Reader.create(reader.bytes()), (id, inner) => id === 1 && items.push(read(inner)) > 0);
    return items;
  };
}

function valueReader(node: SchemaNode): ReadValue {
  if (node.kind === 'struct') {
    const read = structReader(node);
    return node.union ? (reader) => unionValue(node, read(reader.bytes())) : (reader) => read(reader.bytes());
  }
  if (node.kind === 'list' || node.kind === 'map') throw new TypeError(`a ${node.kind} can't be an element here`);
  return scalarReader(node.kind);
}
