/** TokenReview: asks whose token this is. Source: authentication.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, defineStruct, list, listOf, map, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const UserInfo = defineStruct('UserInfo', {
  username: text(1).omitEmpty(),
  uid: text(2).omitEmpty(),
  groups: list(3, text).optional(),
  extra: map(4, listOf(text)).optional(),
});
export type UserInfo = TypeOf<typeof UserInfo>;

export const TokenReviewSpec = defineStruct('TokenReviewSpec', {
  token: text(1),
  audiences: list(2, text).optional(),
});
export type TokenReviewSpec = TypeOf<typeof TokenReviewSpec>;

export const TokenReviewStatus = defineStruct('TokenReviewStatus', {
  authenticated: bool(1).omitEmpty(),
  user: struct(2, UserInfo).default({}),
  error: text(3).omitEmpty(),
  audiences: list(4, text).optional(),
});
export type TokenReviewStatus = TypeOf<typeof TokenReviewStatus>;

export const TokenReview = defineResource({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  verbs: ['create'],
  fields: {
    spec: struct(2, TokenReviewSpec),
    status: struct(3, TokenReviewStatus).default({}),
  },
});
export type TokenReview = ObjectOf<typeof TokenReview>;
