import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { MatchResources } from './validating-admission-policy.ts';

export const ParamRef = defineStruct(
  'ParamRef',
  {
    name: text(1).omitEmpty(),
    namespace: text(2).omitEmpty(),
    selector: struct(3, LabelSelector).optional(),
    parameterNotFoundAction: text(4).optional(),
  },
  { atomic: true },
);
export type ParamRef = TypeOf<typeof ParamRef>;

export const ValidatingAdmissionPolicyBindingSpec = defineStruct('ValidatingAdmissionPolicyBindingSpec', {
  policyName: text(1),
  paramRef: struct(2, ParamRef).optional(),
  matchResources: struct(3, MatchResources).optional(),
  validationActions: list(4, text, { type: 'set' }),
});
export type ValidatingAdmissionPolicyBindingSpec = TypeOf<typeof ValidatingAdmissionPolicyBindingSpec>;

const validatingAdmissionPolicyBindingFields = {
  spec: struct(2, ValidatingAdmissionPolicyBindingSpec),
};
/** A ValidatingAdmissionPolicyBinding. Source: admissionregistration.k8s.io/v1. */
export type ValidatingAdmissionPolicyBinding = StoredObject<typeof validatingAdmissionPolicyBindingFields>;

export const ValidatingAdmissionPolicyBinding = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: validatingAdmissionPolicyBindingFields,
});
