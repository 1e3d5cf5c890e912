import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { MatchResources } from './validating-admission-policy.ts';
import { ParamRef } from './validating-admission-policy-binding.ts';

export const MutatingAdmissionPolicyBindingSpec = defineStruct('MutatingAdmissionPolicyBindingSpec', {
  policyName: text(1).omitEmpty(),
  paramRef: struct(2, ParamRef).optional(),
  matchResources: struct(3, MatchResources).optional(),
});
export type MutatingAdmissionPolicyBindingSpec = TypeOf<typeof MutatingAdmissionPolicyBindingSpec>;

const mutatingAdmissionPolicyBindingFields = {
  spec: struct(2, MutatingAdmissionPolicyBindingSpec).default({}),
};
/** A MutatingAdmissionPolicyBinding. Source: admissionregistration.k8s.io/v1. */
export type MutatingAdmissionPolicyBinding = StoredObject<typeof mutatingAdmissionPolicyBindingFields>;

export const MutatingAdmissionPolicyBinding = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: mutatingAdmissionPolicyBindingFields,
});
