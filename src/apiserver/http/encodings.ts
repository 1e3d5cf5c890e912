/** The encodings of the API: how objects, lists and watch events look in each. All but YAML, which is JSON written otherwise. */
import {
  cborListAround,
  cborWatchEvent,
  encodeCbor,
  encodeCborJson,
  selfDescribed,
} from '../../machinery/cbor/encode-cbor.ts';
import { encodeProtobuf } from '../../machinery/protobuf/encode-protobuf.ts';
import { envelopeOf, itemPieces, listAround, watchFrame } from '../../machinery/protobuf/envelope.ts';
import type { TypeMeta } from '../../machinery/protobuf/envelope.ts';
import type { StructNode } from '../../machinery/schema.ts';
import type { LazyPiece } from './exchange.ts';

/** The encodings under their short names. */
export type EncodingName = 'json' | 'protobuf' | 'cbor';

/** Metadata of a list. */
export type ListMetadata = Readonly<Record<string, unknown>>;

/** The items of a list as they stand in it. */
export interface JoinedItems {
  readonly count: number;
  readonly joined: Buffer | LazyPiece;
}

/** One encoding. Everything is put together out of objects in their *member form*. */
export interface Encoding {
  readonly name: EncodingName;
  /** The member form of an object; undefined for its schema: one that has none. */
  member(schema: StructNode | undefined, object: object): Buffer;
  /** An object on its own. */
  whole(type: TypeMeta, member: Buffer): Buffer;
  /** The pieces of a list's items, one after the other: their member forms, in JSON without the opening brace. */
  pieces(items: readonly Buffer[]): Iterable<Buffer>;
  /** A list around its items, in pieces that follow one another. */
  list(type: TypeMeta, metadata: ListMetadata, items: JoinedItems): readonly (Buffer | LazyPiece)[];
  /** One event of a watch. */
  event(eventType: string, type: TypeMeta, member: Buffer): Buffer;
}

const json: Encoding = {
  name: 'json',
  member: (_schema, object) => Buffer.from(JSON.stringify(object)),
  whole: (_type, member) => member,
  *pieces(items) {
    for (let i = 0; i < items.length; i++) {
      yield i > 0 ? nextItem : firstItem;
      yield items[i]!;
    }
  },
  list({ kind, apiVersion }, metadata, { joined }) {
    const head = JSON.stringify({ kind, apiVersion, metadata });
    return [Buffer.from(`${head.slice(0, -1)},"items":[`), joined, listEnd];
  },
  event: (eventType, _type, member) =>
    Buffer.concat([Buffer.from(`{"type":"${eventType}","object":`), member, eventEnd]),
};

const firstItem = Buffer.from('{');
const nextItem = Buffer.from(',{');
const listEnd = Buffer.from(']}');
const eventEnd = Buffer.from('}\n');

const protobuf: Encoding = {
  name: 'protobuf',
  member(schema, object) {
    if (!schema) throw new TypeError('an object without a schema has no protobuf form');
    return encodeProtobuf(schema, object);
  },
  whole: envelopeOf,
  *pieces(items) {
    for (const item of items) yield* itemPieces(item);
  },
  list: (type, metadata, { joined }) => listAround(type, metadata, joined),
  event: (eventType, type, member) => watchFrame(eventType, envelopeOf(type, member)),
};

const cbor: Encoding = {
  name: 'cbor',
  member: (schema, object) => (schema ? encodeCbor(schema, object) : encodeCborJson(object)),
  whole: (_type, member) => Buffer.concat([selfDescribed, member]),
  pieces: (items) => items,
  list: cborListAround,
  event: (eventType, _type, member) => cborWatchEvent(eventType, member),
};

/** Every encoding by its name. */
export const encodings: Readonly<Record<EncodingName, Encoding>> = { json, protobuf, cbor };
