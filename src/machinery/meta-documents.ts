/** Documents and options that are no resources: statuses, the older discovery documents, request options. Source: meta/v1. */
import { DeleteOptions, DraftMeta, ListMeta } from './meta.ts';
import { bool, defineStruct, inlined, int32, int64, json, list, nodesOf, struct, text } from './schema.ts';
import type { Fields, StructNode } from './schema.ts';

const StatusCause = defineStruct('StatusCause', {
  reason: text(1).omitEmpty(),
  message: text(2).omitEmpty(),
  field: text(3).omitEmpty(),
});

const StatusDetails = defineStruct('StatusDetails', {
  name: text(1).omitEmpty(),
  group: text(2).omitEmpty(),
  kind: text(3).omitEmpty(),
  uid: text(6).omitEmpty(),
  causes: list(4, StatusCause).optional(),
  retryAfterSeconds: int32(5).omitEmpty(),
});

const ServerAddressByClientCIDR = defineStruct('ServerAddressByClientCIDR', {
  clientCIDR: text(1),
  serverAddress: text(2),
});

const GroupVersionForDiscovery = defineStruct('GroupVersionForDiscovery', { groupVersion: text(1), version: text(2) });

const groupFields = {
  name: text(1),
  versions: list(2, GroupVersionForDiscovery),
  preferredVersion: struct(3, GroupVersionForDiscovery).default({}),
  serverAddressByClientCIDRs: list(4, ServerAddressByClientCIDR).optional(),
};

const Verbs = { fields: { verbs: list(1, text) } };

const APIResource = defineStruct('APIResource', {
  name: text(1),
  singularName: text(6),
  namespaced: bool(2),
  group: text(8).omitEmpty(),
  version: text(9).omitEmpty(),
  kind: text(3),
  ...inlined(4, Verbs),
  shortNames: list(5, text).optional(),
  categories: list(7, text).optional(),
  storageVersionHash: text(10).omitEmpty(),
});

/** The fields of each document beside kind and apiVersion. */
const documents = {
  Status: {
    metadata: struct(1, ListMeta).default({}),
    status: text(2).omitEmpty(),
    message: text(3).omitEmpty(),
    reason: text(4).omitEmpty(),
    details: struct(5, StatusDetails).optional(),
    code: int32(6).omitEmpty(),
  },
  APIVersions: { versions: list(1, text), serverAddressByClientCIDRs: list(2, ServerAddressByClientCIDR) },
  APIGroup: groupFields,
  APIGroupList: { groups: list(1, defineStruct('APIGroup', typed(groupFields))) },
  APIResourceList: { groupVersion: text(1), resources: list(2, APIResource) },
  PartialObjectMetadata: { metadata: struct(1, DraftMeta).default({}) },
  CreateOptions: {
    dryRun: list(1, text).optional(),
    fieldManager: text(3).omitEmpty(),
    fieldValidation: text(4).omitEmpty(),
  },
  DeleteOptions: DeleteOptions.fields,
  GetOptions: { resourceVersion: text(1).omitEmpty() },
  ListOptions: {
    labelSelector: text(1).omitEmpty(),
    fieldSelector: text(2).omitEmpty(),
    watch: bool(3).omitEmpty(),
    allowWatchBookmarks: bool(9).omitEmpty(),
    resourceVersion: text(4).omitEmpty(),
    resourceVersionMatch: text(10).omitEmpty(),
    timeoutSeconds: int64(5).optional(),
    limit: int64(7).omitEmpty(),
    continue: text(8).omitEmpty(),
    sendInitialEvents: bool(11).optional(),
    shardSelector: text(15).omitEmpty(),
  },
  PatchOptions: {
    dryRun: list(1, text).optional(),
    force: bool(2).optional(),
    fieldManager: text(3).omitEmpty(),
    fieldValidation: text(4).omitEmpty(),
  },
  UpdateOptions: {
    dryRun: list(1, text).optional(),
    fieldManager: text(2).omitEmpty(),
    fieldValidation: text(3).omitEmpty(),
  },
  WatchEvent: { type: text(1), object: json(2) },
} as const satisfies Readonly<Record<string, Fields>>;

/** With kind and apiVersion, which JSON shows and protobuf keeps in the envelope. */
function typed<F extends Fields>(fields: F): F {
  return { kind: text(0).optional(), apiVersion: text(0).optional(), ...fields };
}

/** The schema of each document, by its kind. */
export const metaDocuments: Readonly<Record<keyof typeof documents, StructNode>> = Object.fromEntries(
  Object.entries<Fields>(documents).map(([kind, fields]) => {
    // A watch event is a frame around objects, and says nothing of itself.
    const all = kind === 'WatchEvent' ? fields : typed(fields);
    return [kind, { kind: 'struct', name: kind, fields: nodesOf(all), atomic: false } satisfies StructNode];
  }),
) as Record<keyof typeof documents, StructNode>;
