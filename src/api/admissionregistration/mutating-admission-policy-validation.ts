/** Validation of MutatingAdmissionPolicies. Source: kubernetes' admissionregistration validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { required } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import type { MutatingAdmissionPolicy, Mutation } from './mutating-admission-policy.ts';
import { policyErrors } from './policy-validation.ts';

/** What is wrong with a MutatingAdmissionPolicy, apart from the types of its mutations. */
export function mutatingPolicyErrors(
  { spec }: MutatingAdmissionPolicy,
  { old }: ValidationContext<MutatingAdmissionPolicy>,
): FieldError[] {
  const { errors } = policyErrors(spec, old?.spec);
  const { mutations = [], reinvocationPolicy } = spec;
  return [
    ...errors,
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...each(mutations, 'spec.mutations', mutationErrors),
    ...(reinvocationPolicy ? [] : [required('spec.reinvocationPolicy')]),
  ];
}

function mutationErrors({ patchType, applyConfiguration, jsonPatch }: Mutation, path: string): FieldError[] {
  switch (patchType) {
    case 'ApplyConfiguration':
      return statementErrors(applyConfiguration, `${path}.applyConfiguration`, patchType);
    case 'JSONPatch':
      return statementErrors(jsonPatch, `${path}.jsonPatch`, patchType);
    default:
      return [required(`${path}.patchType`)];
  }
}

function statementErrors(
  statement: { readonly expression?: string | undefined } | undefined,
  path: string,
  patchType: string,
): FieldError[] {
  if (!statement) return [required(path, `must be specified when patchType is ${patchType}`)];
  return statement.expression?.trim() ? [] : [required(`${path}.expression`, 'expression is not specified')];
}
