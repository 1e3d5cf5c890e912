/** The encodings of the API: how objects, lists and watch events look in each. All but YAML, which is JSON written otherwise. */
import {
  cborList,
  cborWatchEvent,
  encodeCbor,
  encodeCborJson,
  selfDescribed,
} from '../../machinery/cbor/encode-cbor.ts';
import { encodeProtobuf } from '../../machinery/protobuf/encode-protobuf.ts';
import { envelopeOf, listMessage, watchFrame } from '../../machinery/protobuf/envelope.ts';
import type { TypeMeta } from '../../machinery/protobuf/envelope.ts';
import type { StructNode } from '../../machinery/schema.ts';

/** The encodings under their short names. */
export type EncodingName = 'json' | 'protobuf' | 'cbor';

/** Metadata of a list. */
export type ListMetadata = Readonly<Record<string, unknown>>;

/** One encoding. An object's *member form* is how it stands in a list; everything else is put together out of that. */
export interface Encoding {
  readonly name: EncodingName;
  /** The member form of an object; undefined for its schema: one that has none. */
  member(schema: StructNode | undefined, object: object): Buffer;
  /** An object on its own. */
  whole(type: TypeMeta, member: Buffer): Buffer;
  list(type: TypeMeta, metadata: ListMetadata, members: readonly Buffer[]): Buffer;
  /** One event of a watch. */
  event(eventType: string, type: TypeMeta, member: Buffer): Buffer;
}

const json: Encoding = {
  name: 'json',
  member: (_schema, object) => Buffer.from(JSON.stringify(object)),
  whole: (_type, member) => member,
  list(type, metadata, members) {
    const head = JSON.stringify({ kind: type.kind, apiVersion: type.apiVersion, metadata });
    const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
    members.forEach((member, index) => {
      if (index > 0) parts.push(comma);
      parts.push(member);
    });
    parts.push(listEnd);
    return Buffer.concat(parts);
  },
  event: (eventType, _type, member) =>
    Buffer.concat([Buffer.from(`{"type":"${eventType}","object":`), member, eventEnd]),
};

const comma = Buffer.from(',');
const listEnd = Buffer.from(']}');
const eventEnd = Buffer.from('}\n');

const protobuf: Encoding = {
  name: 'protobuf',
  member(schema, object) {
    if (!schema) throw new TypeError('an object without a schema has no protobuf form');
    return encodeProtobuf(schema, object);
  },
  whole: envelopeOf,
  list: (type, metadata, members) => envelopeOf(type, listMessage(metadata, members)),
  event: (eventType, type, member) => watchFrame(eventType, envelopeOf(type, member)),
};

const cbor: Encoding = {
  name: 'cbor',
  member: (schema, object) => (schema ? encodeCbor(schema, object) : encodeCborJson(object)),
  whole: (_type, member) => Buffer.concat([selfDescribed, member]),
  list: cborList,
  event: (eventType, _type, member) => cborWatchEvent(eventType, member),
};

/** Every encoding by its name. */
export const encodings: Readonly<Record<EncodingName, Encoding>> = { json, protobuf, cbor };
