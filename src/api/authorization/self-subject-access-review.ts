/** SelfSubjectAccessReview: asks whether I may do something. Source: authorization.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, struct } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewStatus } from './subject-access-review.ts';

export const SelfSubjectAccessReviewSpec = defineStruct('SelfSubjectAccessReviewSpec', {
  resourceAttributes: struct(1, ResourceAttributes).optional(),
  nonResourceAttributes: struct(2, NonResourceAttributes).optional(),
});
export type SelfSubjectAccessReviewSpec = TypeOf<typeof SelfSubjectAccessReviewSpec>;

export const SelfSubjectAccessReview = defineResource({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  fields: {
    spec: struct(2, SelfSubjectAccessReviewSpec),
    status: struct(3, SubjectAccessReviewStatus).default({}),
  },
});
export type SelfSubjectAccessReview = ObjectOf<typeof SelfSubjectAccessReview>;
