import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { MatchResources, ParamKind, Variable } from './validating-admission-policy.ts';
import { MatchCondition } from './validating-webhook-configuration.ts';

export const ApplyConfiguration = defineStruct('ApplyConfiguration', {
  expression: text(1).omitEmpty(),
});
export type ApplyConfiguration = TypeOf<typeof ApplyConfiguration>;

export const JSONPatch = defineStruct('JSONPatch', {
  expression: text(1).omitEmpty(),
});
export type JSONPatch = TypeOf<typeof JSONPatch>;

export const Mutation = defineStruct('Mutation', {
  patchType: oneOf(2, ['ApplyConfiguration', 'JSONPatch']),
  applyConfiguration: struct(3, ApplyConfiguration).optional(),
  jsonPatch: struct(4, JSONPatch).optional(),
});
export type Mutation = TypeOf<typeof Mutation>;

export const MutatingAdmissionPolicySpec = defineStruct('MutatingAdmissionPolicySpec', {
  paramKind: struct(1, ParamKind).optional(),
  matchConstraints: struct(2, MatchResources).optional(),
  variables: list(3, Variable).optional(),
  mutations: list(4, Mutation).optional(),
  failurePolicy: oneOf(5, ['Fail', 'Ignore']).optional(),
  matchConditions: list(6, MatchCondition, {
    type: 'map',
    keys: ['name'],
    mergeKey: 'name',
    patch: 'merge',
  }).optional(),
  reinvocationPolicy: oneOf(7, ['IfNeeded', 'Never']).omitEmpty(),
});
export type MutatingAdmissionPolicySpec = TypeOf<typeof MutatingAdmissionPolicySpec>;

const mutatingAdmissionPolicyFields = {
  spec: struct(2, MutatingAdmissionPolicySpec).default({}),
};
/** A MutatingAdmissionPolicy. Source: admissionregistration.k8s.io/v1. */
export type MutatingAdmissionPolicy = StoredObject<typeof mutatingAdmissionPolicyFields>;

export const MutatingAdmissionPolicy = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: mutatingAdmissionPolicyFields,
});
