/** SubjectAccessReview: asks whether somebody may do something. Source: authorization.k8s.io/v1. */
import { LabelSelectorRequirement } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, defineStruct, list, listOf, map, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const NonResourceAttributes = defineStruct('NonResourceAttributes', {
  path: text(1).omitEmpty(),
  verb: text(2).omitEmpty(),
});
export type NonResourceAttributes = TypeOf<typeof NonResourceAttributes>;

export const FieldSelectorRequirement = defineStruct('FieldSelectorRequirement', {
  key: text(1),
  operator: text(2),
  values: list(3, text).optional(),
});
export type FieldSelectorRequirement = TypeOf<typeof FieldSelectorRequirement>;

export const FieldSelectorAttributes = defineStruct('FieldSelectorAttributes', {
  rawSelector: text(1).omitEmpty(),
  requirements: list(2, FieldSelectorRequirement).optional(),
});
export type FieldSelectorAttributes = TypeOf<typeof FieldSelectorAttributes>;

export const LabelSelectorAttributes = defineStruct('LabelSelectorAttributes', {
  rawSelector: text(1).omitEmpty(),
  requirements: list(2, LabelSelectorRequirement).optional(),
});
export type LabelSelectorAttributes = TypeOf<typeof LabelSelectorAttributes>;

export const ResourceAttributes = defineStruct('ResourceAttributes', {
  namespace: text(1).omitEmpty(),
  verb: text(2).omitEmpty(),
  group: text(3).omitEmpty(),
  version: text(4).omitEmpty(),
  resource: text(5).omitEmpty(),
  subresource: text(6).omitEmpty(),
  name: text(7).omitEmpty(),
  fieldSelector: struct(8, FieldSelectorAttributes).optional(),
  labelSelector: struct(9, LabelSelectorAttributes).optional(),
});
export type ResourceAttributes = TypeOf<typeof ResourceAttributes>;

export const SubjectAccessReviewSpec = defineStruct('SubjectAccessReviewSpec', {
  resourceAttributes: struct(1, ResourceAttributes).optional(),
  nonResourceAttributes: struct(2, NonResourceAttributes).optional(),
  user: text(3).omitEmpty(),
  groups: list(4, text).optional(),
  extra: map(5, listOf(text)).optional(),
  uid: text(6).omitEmpty(),
});
export type SubjectAccessReviewSpec = TypeOf<typeof SubjectAccessReviewSpec>;

export const SubjectAccessReviewStatus = defineStruct('SubjectAccessReviewStatus', {
  allowed: bool(1),
  reason: text(2).omitEmpty(),
  evaluationError: text(3).omitEmpty(),
  denied: bool(4).omitEmpty(),
});
export type SubjectAccessReviewStatus = TypeOf<typeof SubjectAccessReviewStatus>;

export const SubjectAccessReview = defineResource({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  fields: {
    spec: struct(2, SubjectAccessReviewSpec),
    status: struct(3, SubjectAccessReviewStatus).default({}),
  },
});
export type SubjectAccessReview = ObjectOf<typeof SubjectAccessReview>;
