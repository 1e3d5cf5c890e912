/** SelfSubjectReview: asks who I am. Source: authentication.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, struct } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { UserInfo } from './token-review.ts';

export const SelfSubjectReviewStatus = defineStruct('SelfSubjectReviewStatus', {
  userInfo: struct(1, UserInfo).default({}),
});
export type SelfSubjectReviewStatus = TypeOf<typeof SelfSubjectReviewStatus>;

export const SelfSubjectReview = defineResource({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
  verbs: ['create'],
  fields: {
    status: struct(2, SelfSubjectReviewStatus).default({}),
  },
});
export type SelfSubjectReview = ObjectOf<typeof SelfSubjectReview>;
