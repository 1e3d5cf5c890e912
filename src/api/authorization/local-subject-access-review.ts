/** LocalSubjectAccessReview: asks whether somebody may do something in one namespace. Source: authorization.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { struct } from '../../machinery/schema.ts';
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './subject-access-review.ts';

export const LocalSubjectAccessReview = defineResource({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  verbs: ['create'],
  fields: {
    spec: struct(2, SubjectAccessReviewSpec),
    status: struct(3, SubjectAccessReviewStatus).default({}),
  },
});
export type LocalSubjectAccessReview = ObjectOf<typeof LocalSubjectAccessReview>;
