/** SelfSubjectRulesReview: asks what I may do in one namespace. Source: authorization.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { bool, defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const SelfSubjectRulesReviewSpec = defineStruct('SelfSubjectRulesReviewSpec', {
  namespace: text(1).omitEmpty(),
});
export type SelfSubjectRulesReviewSpec = TypeOf<typeof SelfSubjectRulesReviewSpec>;

export const NonResourceRule = defineStruct('NonResourceRule', {
  verbs: list(1, text),
  nonResourceURLs: list(2, text).optional(),
});
export type NonResourceRule = TypeOf<typeof NonResourceRule>;

export const ResourceRule = defineStruct('ResourceRule', {
  verbs: list(1, text),
  apiGroups: list(2, text).optional(),
  resources: list(3, text).optional(),
  resourceNames: list(4, text).optional(),
});
export type ResourceRule = TypeOf<typeof ResourceRule>;

export const SubjectRulesReviewStatus = defineStruct('SubjectRulesReviewStatus', {
  resourceRules: list(1, ResourceRule),
  nonResourceRules: list(2, NonResourceRule),
  incomplete: bool(3),
  evaluationError: text(4).omitEmpty(),
});
export type SubjectRulesReviewStatus = TypeOf<typeof SubjectRulesReviewStatus>;

export const SelfSubjectRulesReview = defineResource({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  verbs: ['create'],
  fields: {
    spec: struct(2, SelfSubjectRulesReviewSpec),
    status: struct(3, SubjectRulesReviewStatus).default({}),
  },
});
export type SelfSubjectRulesReview = ObjectOf<typeof SelfSubjectRulesReview>;
