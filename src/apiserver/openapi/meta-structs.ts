/** Types of apimachinery that requests and answers have beside the kinds. Source: meta/v1. */
import { DeleteOptions, ListMeta } from '../../machinery/meta.ts';
import { bool, defineStruct, int32, json, list, struct, text } from '../../machinery/schema.ts';
import type { Fields, StructNode } from '../../machinery/schema.ts';

/** With the two fields that say what it is, as kinds have them. */
function kind(name: string, fields: Fields): StructNode {
  return defineStruct(name, { apiVersion: text(0).optional(), kind: text(0).optional(), ...fields }).node;
}

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

const GroupVersion = defineStruct('GroupVersionForDiscovery', { groupVersion: text(1), version: text(2) });

const ServerAddress = defineStruct('ServerAddressByClientCIDR', { clientCIDR: text(1), serverAddress: text(2) });

const APIResource = defineStruct('APIResource', {
  name: text(1),
  singularName: text(6),
  namespaced: bool(2),
  group: text(8).omitEmpty(),
  version: text(9).omitEmpty(),
  kind: text(3),
  verbs: list(4, text),
  shortNames: list(5, text).optional(),
  categories: list(7, text).optional(),
  storageVersionHash: text(10).omitEmpty(),
});

const APIGroup = defineStruct('APIGroup', {
  apiVersion: text(0).optional(),
  kind: text(0).optional(),
  name: text(1),
  versions: list(2, GroupVersion),
  preferredVersion: struct(3, GroupVersion).default({}),
  serverAddressByClientCIDRs: list(4, ServerAddress).optional(),
});

/** The types, by name. */
export const metaStructs = {
  DeleteOptions: kind('DeleteOptions', DeleteOptions.fields),
  Status: kind('Status', {
    metadata: struct(1, ListMeta).default({}),
    status: text(2).omitEmpty(),
    message: text(3).omitEmpty(),
    reason: text(4).omitEmpty(),
    details: struct(5, StatusDetails).optional(),
    code: int32(6).omitEmpty(),
  }),
  WatchEvent: defineStruct('WatchEvent', { type: text(1), object: json(2) }).node,
  APIVersions: kind('APIVersions', { versions: list(1, text), serverAddressByClientCIDRs: list(2, ServerAddress) }),
  APIGroup: APIGroup.node,
  APIGroupList: kind('APIGroupList', { groups: list(1, APIGroup) }),
  APIResourceList: kind('APIResourceList', { groupVersion: text(1), resources: list(2, APIResource) }),
} as const satisfies Readonly<Record<string, StructNode>>;
