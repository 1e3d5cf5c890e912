/** ValidatingAdmissionPolicyBinding: puts a policy to use, with parameters. Source: admissionregistration.k8s.io/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { bindingErrors } from './policy-validation.ts';
import { validationActionsErrors } from './validation-actions.ts';
import { MatchResources } from './validating-admission-policy.ts';

/** The objects that parameterize a policy, by name or by labels. */
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

/** The policy, its parameters, where it holds and what follows. */
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
export type ValidatingAdmissionPolicyBinding = StoredObject<typeof validatingAdmissionPolicyBindingFields>;

/** Puts a ValidatingAdmissionPolicy to use. */
export const ValidatingAdmissionPolicyBinding = defineResource({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  fields: validatingAdmissionPolicyBindingFields,
  columns: {
    PolicyName: ({ spec }) => spec.policyName,
    ParamRef: ({ spec }) => paramRefText(spec.paramRef),
  },
  validate: ({ spec }) => [
    ...bindingErrors(spec),
    ...validationActionsErrors(spec.validationActions, 'spec.validationActions'),
  ],
});

/** The parameters of a binding, as tables show them. */
export function paramRefText(paramRef: ParamRef | undefined): string {
  if (!paramRef) return '<unset>';
  const { name = '', namespace, selector } = paramRef;
  if (name !== '') return namespace ? `${namespace}/${name}` : `*/${name}`;
  return selector ? formatLabelSelector(selector) || '<none>' : '<unset>';
}
