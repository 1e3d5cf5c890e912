/** TokenRequest: asks for a token of a service account. Source: authentication.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, int64, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const BoundObjectReference = defineStruct('BoundObjectReference', {
  uid: text(4).omitEmpty(),
  kind: text(1).omitEmpty(),
  apiVersion: text(2).omitEmpty(),
  name: text(3).omitEmpty(),
});
export type BoundObjectReference = TypeOf<typeof BoundObjectReference>;

export const TokenRequestSpec = defineStruct('TokenRequestSpec', {
  audiences: list(1, text).optional(),
  boundObjectRef: struct(3, BoundObjectReference).optional(),
  expirationSeconds: int64(4).optional(),
});
export type TokenRequestSpec = TypeOf<typeof TokenRequestSpec>;

export const TokenRequestStatus = defineStruct('TokenRequestStatus', {
  token: text(1).optional(),
  expirationTimestamp: time(2).optional(),
});
export type TokenRequestStatus = TypeOf<typeof TokenRequestStatus>;

export const TokenRequest = defineResource({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  scope: 'Namespaced',
  verbs: ['create'],
  fields: {
    spec: struct(2, TokenRequestSpec).default({}),
    status: struct(3, TokenRequestStatus).default({}),
  },
});
export type TokenRequest = ObjectOf<typeof TokenRequest>;
