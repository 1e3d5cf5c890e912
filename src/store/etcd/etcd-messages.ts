/** The part of etcd's gRPC interface that the store uses: names, fields and numbers as facts of the protocol. Source: etcd API v3, rpc.proto and kv.proto. */
import type protobuf from 'protobufjs/minimal.js';
import {
  bool,
  bytes,
  type Codec,
  embedded,
  type Field,
  field,
  int32,
  list,
  message,
  type MessageFields,
  optional,
  string,
} from '../../machinery/protobuf/wire-codec.ts';

/** A method of one of etcd's services. */
export interface EtcdMethod<Request, Response> {
  readonly path: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

/** Stands in every answer. */
export interface EtcdHeader {
  /** Of the key space when the request was carried out; 0 where it does not apply. */
  readonly revision: number;
  readonly raftTerm: number;
}

/** A request of which only what is not its zero value is written. */
export type Sparse<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A key with its value. */
export interface EtcdKeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly value: Uint8Array;
  /** Up to 63 bits; 0: none. */
  readonly lease: bigint;
}

/** Asks for keys; without `rangeEnd` for one. */
export type EtcdRange = Sparse<{
  key: string;
  rangeEnd: string;
  limit: number;
  revision: number;
  keysOnly: boolean;
  countOnly: boolean;
}>;

/** What was asked for, and how many keys the range has whatever the limit. */
export interface EtcdRangeAnswer {
  readonly header: EtcdHeader;
  readonly kvs: readonly EtcdKeyValue[];
  readonly count: number;
}

/** Writes a value. */
export type EtcdPut = Sparse<{ key: string; value: Uint8Array; lease: bigint }>;

/** One step of a transaction. */
export type EtcdOperation = Sparse<{ range: EtcdRange; put: EtcdPut; deleteRange: Sparse<{ key: string }> }>;

/** Compares the revision of a key's value; 0: there is none. */
export type EtcdCompare = Sparse<{ result: number; target: number; key: string; modRevision: number }>;

/** `success` if all comparisons hold, otherwise `failure`; nothing comes between comparison and steps. */
export type EtcdTxn = Sparse<{
  compare: readonly EtcdCompare[];
  success: readonly EtcdOperation[];
  failure: readonly EtcdOperation[];
}>;

/** Which way a transaction went, and what its ranges gave. */
export interface EtcdTxnAnswer {
  readonly header: EtcdHeader;
  readonly succeeded: boolean;
  readonly responses: readonly { readonly range: EtcdRangeAnswer | undefined }[];
}

/** Begins, ends or asks about watches of a stream. */
export type EtcdWatchRequest = Sparse<{
  create: Sparse<{
    key: string;
    rangeEnd: string;
    startRevision: number;
    progressNotify: boolean;
    prevKv: boolean;
    watchId: number;
    fragment: boolean;
  }>;
  cancel: Sparse<{ watchId: number }>;
  progress: object;
}>;

/** One change of a key; `type` 1 is a deletion. */
export interface EtcdEvent {
  readonly type: number;
  readonly kv: EtcdKeyValue;
  readonly prevKv: EtcdKeyValue | undefined;
}

/** What a stream of watches says. */
export interface EtcdWatchAnswer {
  readonly header: EtcdHeader;
  /** -1: all watches of the stream. */
  readonly watchId: number;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** More of the same answer follows. */
  readonly fragment: boolean;
  readonly events: readonly EtcdEvent[];
}

/** How a member does. */
export interface EtcdStatus {
  readonly header: EtcdHeader;
  readonly version: string;
  /** The leading member's id; 0: this one knows of none. */
  readonly leader: bigint;
  readonly raftTerm: number;
}

/** What `EtcdCompare` compares and how: MOD, EQUAL. */
export const modRevisionTarget = 2;

/** The type of a deletion among events. */
export const deletionType = 1;

type Scalar<T> = Parameters<typeof field<T>>[1];

/** A number below 2^53 that is not negative, such as a revision. Read by hand: a list of 100,000 objects has 300,000 of them. */
export const revisionNumber: Scalar<number> = {
  wireType: 0,
  empty: 0,
  read: (r) => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = nextByte(r);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  },
  write: (w, v) => w.uint64(v),
};

/** The id of a lease: 63 bits, more than a number holds. */
const leaseId: Scalar<bigint> = {
  wireType: 0,
  empty: 0n,
  read: (r) => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = nextByte(r);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  },
  write: (w, v) =>
    w.uint64({ low: Number(BigInt.asIntN(32, v)), high: Number(BigInt.asIntN(32, v >> 32n)), unsigned: true }),
};

function nextByte(reader: protobuf.Reader): number {
  const byte = reader.buf[reader.pos++];
  if (byte === undefined) throw new RangeError('a message of etcd ends within a number');
  return byte;
}

function sparse<T>(id: number, scalar: Scalar<T>): Field<T | undefined> {
  return optional(field(id, scalar));
}

const header = message<EtcdHeader>({ revision: field(3, revisionNumber), raftTerm: field(4, revisionNumber) });
const headed = { header: field(1, embedded(header)) };

const keyValue = message<EtcdKeyValue>({
  key: field(1, string),
  createRevision: field(2, revisionNumber),
  modRevision: field(3, revisionNumber),
  value: field(5, bytes),
  lease: field(6, leaseId),
});

const range = message<EtcdRange>({
  key: sparse(1, string),
  rangeEnd: sparse(2, string),
  limit: sparse(3, revisionNumber),
  revision: sparse(4, revisionNumber),
  keysOnly: sparse(8, bool),
  countOnly: sparse(9, bool),
});

const rangeAnswer = message<EtcdRangeAnswer>({
  ...headed,
  kvs: list(2, embedded(keyValue)),
  count: field(4, revisionNumber),
});

const put = message<EtcdPut>({ key: sparse(1, string), value: sparse(2, bytes), lease: sparse(3, leaseId) });
const deleteRange = message<Sparse<{ key: string }>>({ key: sparse(1, string) });

const operation = message<EtcdOperation>({
  range: sparse(1, embedded(range)),
  put: sparse(2, embedded(put)),
  deleteRange: sparse(3, embedded(deleteRange)),
});

const compare = message<EtcdCompare>({
  result: sparse(1, int32),
  target: sparse(2, int32),
  key: sparse(3, string),
  modRevision: sparse(6, revisionNumber),
});

const watchId = sparse(1, int32);

const watchRequest: MessageFields<EtcdWatchRequest> = {
  create: sparse(
    1,
    embedded(
      message<NonNullable<EtcdWatchRequest['create']>>({
        key: sparse(1, string),
        rangeEnd: sparse(2, string),
        startRevision: sparse(3, revisionNumber),
        progressNotify: sparse(4, bool),
        prevKv: sparse(6, bool),
        watchId: sparse(7, int32),
        fragment: sparse(8, bool),
      }),
    ),
  ),
  cancel: sparse(2, embedded(message<NonNullable<EtcdWatchRequest['cancel']>>({ watchId }))),
  progress: sparse(3, embedded(message<object>({}))),
};

const event = message<EtcdEvent>({
  type: field(1, int32),
  kv: field(2, embedded(keyValue)),
  prevKv: sparse(3, embedded(keyValue)),
});

function method<Q, R>(path: string, request: MessageFields<Q>, response: MessageFields<R>): EtcdMethod<Q, R> {
  return { path: `/etcdserverpb.${path}`, request: message(request), response: message(response) };
}

/** Every method of etcd that the store calls. */
export const etcdMethods = {
  range: method('KV/Range', range.fields, rangeAnswer.fields),
  txn: method<EtcdTxn, EtcdTxnAnswer>(
    'KV/Txn',
    {
      compare: optional(list(1, embedded(compare))),
      success: optional(list(2, embedded(operation))),
      failure: optional(list(3, embedded(operation))),
    },
    {
      ...headed,
      succeeded: field(2, bool),
      responses: list(3, embedded(message({ range: sparse(1, embedded(rangeAnswer)) }))),
    },
  ),
  deleteRange: method<Sparse<{ key: string }>, { header: EtcdHeader; deleted: number }>(
    'KV/DeleteRange',
    deleteRange.fields,
    { ...headed, deleted: field(2, revisionNumber) },
  ),
  compact: method<{ revision: number }, { header: EtcdHeader }>(
    'KV/Compact',
    { revision: field(1, revisionNumber) },
    headed,
  ),
  watch: method<EtcdWatchRequest, EtcdWatchAnswer>('Watch/Watch', watchRequest, {
    ...headed,
    watchId: field(2, int32),
    created: field(3, bool),
    canceled: field(4, bool),
    compactRevision: field(5, revisionNumber),
    cancelReason: field(6, string),
    fragment: field(7, bool),
    events: list(11, embedded(event)),
  }),
  leaseGrant: method<{ ttl: number }, { header: EtcdHeader; id: bigint; ttl: number; error: string }>(
    'Lease/LeaseGrant',
    { ttl: field(1, revisionNumber) },
    { ...headed, id: field(2, leaseId), ttl: field(3, revisionNumber), error: field(4, string) },
  ),
  // A lease that is gone has -1 seconds.
  leaseTimeToLive: method<{ id: bigint }, { header: EtcdHeader; ttl: number }>(
    'Lease/LeaseTimeToLive',
    { id: field(1, leaseId) },
    { ...headed, ttl: field(3, int32) },
  ),
  status: method<object, EtcdStatus>(
    'Maintenance/Status',
    {},
    { ...headed, version: field(2, string), leader: field(4, leaseId), raftTerm: field(6, revisionNumber) },
  ),
  authenticate: method<{ name: string; password: string }, { header: EtcdHeader; token: string }>(
    'Auth/Authenticate',
    { name: field(1, string), password: field(2, string) },
    { ...headed, token: field(2, string) },
  ),
};
