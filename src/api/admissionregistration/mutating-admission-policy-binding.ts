/** MutatingAdmissionPolicyBinding: puts a mutating policy to use, with parameters. Source: admissionregistration.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { MatchResources } from './validating-admission-policy.ts';
import { bindingErrors } from './policy-validation.ts';
import { ParamRef, paramRefText } from './validating-admission-policy-binding.ts';

/** The policy, its parameters and where it holds. */
export const MutatingAdmissionPolicyBindingSpec = defineStruct('MutatingAdmissionPolicyBindingSpec', {
  policyName: text(1).omitEmpty(),
  paramRef: struct(2, ParamRef).optional(),
  matchResources: struct(3, MatchResources).optional(),
});
export type MutatingAdmissionPolicyBindingSpec = TypeOf<typeof MutatingAdmissionPolicyBindingSpec>;

const mutatingAdmissionPolicyBindingFields = {
  spec: struct(2, MutatingAdmissionPolicyBindingSpec).default({}),
};
export type MutatingAdmissionPolicyBinding = StoredObject<typeof mutatingAdmissionPolicyBindingFields>;

/** Puts a MutatingAdmissionPolicy to use. */
export const MutatingAdmissionPolicyBinding = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: mutatingAdmissionPolicyBindingFields,
  columns: {
    PolicyName: ({ spec }) => spec.policyName ?? '',
    ParamRef: ({ spec }) => paramRefText(spec.paramRef),
  },
  validate: ({ spec }) => bindingErrors(spec),
});
