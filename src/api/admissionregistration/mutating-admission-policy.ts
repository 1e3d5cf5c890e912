/** MutatingAdmissionPolicy: expressions that change what is written. Source: admissionregistration.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, oneOf, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { mutatingPolicyErrors } from './mutating-admission-policy-validation.ts';
import { MatchResources, ParamKind, Variable, paramKindText } from './validating-admission-policy.ts';
import { MatchCondition } from './validating-webhook-configuration.ts';

/** An expression that evaluates to an apply configuration, which is merged into the object. */
export const ApplyConfiguration = defineStruct('ApplyConfiguration', {
  expression: text(1).omitEmpty(),
});
export type ApplyConfiguration = TypeOf<typeof ApplyConfiguration>;

/** An expression that evaluates to the operations of a JSON patch. */
export const JSONPatch = defineStruct('JSONPatch', {
  expression: text(1).omitEmpty(),
});
export type JSONPatch = TypeOf<typeof JSONPatch>;

/** One change; the member that `patchType` names is set. */
export const Mutation = defineStruct('Mutation', {
  patchType: oneOf(2, ['ApplyConfiguration', 'JSONPatch']),
  applyConfiguration: struct(3, ApplyConfiguration).optional(),
  jsonPatch: struct(4, JSONPatch).optional(),
});
export type Mutation = TypeOf<typeof Mutation>;

/** Which objects are changed, and how. */
export const MutatingAdmissionPolicySpec = defineStruct('MutatingAdmissionPolicySpec', {
  paramKind: struct(1, ParamKind).optional(),
  matchConstraints: struct(2, MatchResources).optional(),
  variables: list(3, Variable).optional(),
  mutations: list(4, Mutation).optional(),
  failurePolicy: oneOf(5, ['Fail', 'Ignore']).default('Fail'),
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
export type MutatingAdmissionPolicy = StoredObject<typeof mutatingAdmissionPolicyFields>;

/** Changes what is written by expressions, once a binding puts it to use. */
export const MutatingAdmissionPolicy = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: mutatingAdmissionPolicyFields,
  columns: {
    Mutations: { value: ({ spec }) => spec.mutations?.length ?? 0, type: 'integer' },
    ParamKind: ({ spec }) => paramKindText(spec.paramKind),
  },
  validate: mutatingPolicyErrors,
});
