/**
 * From JSON values to CBOR as Kubernetes writes it: deterministic, texts as byte strings, base64 fields as tagged bytes,
 * floats in their shortest form. Source: apimachinery's serializer/cbor/internal/modes, RFC 8949 section 4.2.1.
 */
import { BackwardWriter } from '../backward-writer.ts';
import { isJsonObject, unionMember } from '../schema.ts';
import type { SchemaNode, StructNode } from '../schema.ts';
import { CborWriter } from './cbor-writer.ts';

/** What every document begins with: tag 55799, which says that this is CBOR. */
export const selfDescribed = Buffer.from([0xd9, 0xd9, 0xf7]);

/** Encodes a value of a known schema, which tells bytes from texts; without the tag of documents. */
export function encodeCbor(node: StructNode, value: object): Buffer {
  return encodedBy(writerOf(node), value);
}

/** Encodes any JSON; without the tag of documents. */
export function encodeCborJson(value: unknown): Buffer {
  return encodedBy(writeJson, value);
}

/** A list around its `count` encoded items, one behind the other, in pieces that follow one another. */
export function cborListAround<T>(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  metadata: object,
  items: { readonly count: number; readonly joined: T },
): readonly [Buffer, T, Buffer] {
  const head = encodedBy((writer) => {
    writer.head(array, items.count);
    writer.byteString('items');
    writer.byteString(kind);
    writer.byteString('kind');
    writer.head(mapOf, 4);
  }, undefined);
  const tail = encodedBy((writer) => {
    writer.byteString(apiVersion);
    writer.byteString('apiVersion');
    writeJson(writer, metadata);
    writer.byteString('metadata');
  }, undefined);
  return [Buffer.concat([selfDescribed, head]), items.joined, tail];
}

/** An event of a watch, with the tag of documents; `object` is encoded without it. */
export function cborWatchEvent(type: string, object: Uint8Array): Buffer {
  const head = encodedBy((writer) => {
    writer.byteString(type);
    writer.byteString('type');
    writer.head(mapOf, 2);
  }, undefined);
  return Buffer.concat([selfDescribed, head, objectKey, selfDescribed, object]);
}

type Write = (writer: CborWriter, value: unknown) => void;

const array = 4;
const mapOf = 5;

function encodedBy(write: Write, value: unknown): Buffer {
  const writer = new CborWriter(new BackwardWriter());
  write(writer, value);
  return writer.finish();
}

const objectKey = encodedBy((writer) => writer.byteString('object'), undefined);

function writeJson(writer: CborWriter, value: unknown): void {
  switch (typeof value) {
    case 'string':
      return writer.byteString(value);
    case 'number':
      return writer.number(value);
    case 'bigint':
      return writer.long(value);
    case 'boolean':
      return writer.simple(value ? 21 : 20);
    default:
  }
  if (Array.isArray(value)) writeItems(writer, value, writeJson);
  else if (isJsonObject(value)) writeMap(writer, value, anyMember);
  else writer.simple(22);
}

const anyMember = (): Write => writeJson;

function writeItems(writer: CborWriter, items: readonly unknown[], write: Write): void {
  for (let i = items.length - 1; i >= 0; i--) write(writer, items[i]);
  writer.head(array, items.length);
}

function writeMap(
  writer: CborWriter,
  map: Readonly<Record<string, unknown>>,
  memberWriter: (name: string) => Write,
): void {
  const keys = sortedKeys(Object.keys(map));
  let count = 0;
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!;
    if (map[key] === undefined) continue;
    memberWriter(key)(writer, map[key]);
    writer.byteString(key);
    count++;
  }
  writer.head(mapOf, count);
}

/** In the order of the encoded keys' bytes: the shorter first, since the length comes first. */
function sortedKeys(keys: string[]): string[] {
  for (const key of keys) if (Buffer.byteLength(key) !== key.length) return keys.sort(byEncodedBytes);
  return keys.sort(byLengthThenText);
}

function byLengthThenText(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

function byEncodedBytes(a: string, b: string): number {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length - y.length || Buffer.compare(x, y);
}

const compiled = new WeakMap<StructNode, Write>();

/** The writer of a type: compiled once per struct, on first use, because structs may be recursive. */
function writerOf(node: SchemaNode): Write {
  switch (node.kind) {
    case 'struct':
      return structWriter(node);
    case 'list': {
      const write = writerOf(node.items);
      return (writer, value) => {
        if (Array.isArray(value)) writeItems(writer, value, write);
        else writeJson(writer, value);
      };
    }
    case 'map': {
      const write = writerOf(node.values);
      return (writer, value) => {
        if (isJsonObject(value)) writeMap(writer, value, () => write);
        else writeJson(writer, value);
      };
    }
    case 'bytes':
      return (writer, value) => (typeof value === 'string' ? writer.base64(value) : writeJson(writer, value));
    case 'double':
      return (writer, value) =>
        typeof value === 'number' || typeof value === 'bigint' ? writer.float(Number(value)) : writeJson(writer, value);
    default:
      return writeJson;
  }
}

/** A union is written as the member that it is. */
function unionWriter(node: StructNode): Write {
  return (writer, value) => {
    const [, field] = unionMember(node, value) ?? [];
    if (field) writerOf(field.type)(writer, value);
    else writeJson(writer, value);
  };
}

/** A struct that keeps members which its schema does not name. */
function openWriter(node: StructNode): Write {
  const known = new Map<string, Write>();
  const memberWriter = (name: string): Write => {
    const field = node.fields[name];
    if (!field) return writeJson;
    let write = known.get(name);
    if (!write) known.set(name, (write = writerOf(field.type)));
    return write;
  };
  return (writer, value) => {
    if (isJsonObject(value)) writeMap(writer, value, memberWriter);
    else writeJson(writer, value);
  };
}

function structWriter(node: StructNode): Write {
  if (node.union) return unionWriter(node);
  if (node.open) return openWriter(node);
  let write = compiled.get(node);
  if (write) return write;
  let fields: readonly { readonly name: string; readonly write: Write }[] | undefined;
  write = (writer, value) => {
    if (!isJsonObject(value)) return writeJson(writer, value);
    fields ??= sortedKeys(Object.keys(node.fields))
      .reverse()
      .map((name) => ({ name, write: writerOf(node.fields[name]!.type) }));
    let count = 0;
    for (const field of fields) {
      const member = value[field.name];
      if (member === undefined) continue;
      field.write(writer, member);
      writer.byteString(field.name);
      count++;
    }
    writer.head(mapOf, count);
  };
  compiled.set(node, write);
  return write;
}
