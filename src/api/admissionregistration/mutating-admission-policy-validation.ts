/** Validation of MutatingAdmissionPolicies. Source: kubernetes' admissionregistration validation. */
import type { CelEnvironment } from '../../machinery/cel/environment.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { required } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import { expressionErrors } from './expression-validation.ts';
import type { MutatingAdmissionPolicy, Mutation } from './mutating-admission-policy.ts';
import { policyErrors } from './policy-validation.ts';

/** What is wrong with a MutatingAdmissionPolicy. */
export function mutatingPolicyErrors(
  { spec }: MutatingAdmissionPolicy,
  { old }: ValidationContext<MutatingAdmissionPolicy>,
): FieldError[] {
  const { errors, environment } = policyErrors(spec, old?.spec, 'mutate');
  const { mutations = [], reinvocationPolicy } = spec;
  return [
    ...errors,
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...each(mutations, 'spec.mutations', (mutation, own) => mutationErrors(mutation, environment, own)),
    ...(reinvocationPolicy ? [] : [required('spec.reinvocationPolicy')]),
  ];
}

function mutationErrors(
  { patchType, applyConfiguration, jsonPatch }: Mutation,
  environment: CelEnvironment,
  path: string,
): FieldError[] {
  switch (patchType) {
    case 'ApplyConfiguration':
      return statementErrors(applyConfiguration, { path: `${path}.applyConfiguration`, patchType, environment });
    case 'JSONPatch':
      return statementErrors(jsonPatch, { path: `${path}.jsonPatch`, patchType, environment });
    default:
      return [required(`${path}.patchType`)];
  }
}

interface StatementPlace {
  readonly path: string;
  readonly patchType: Mutation['patchType'];
  readonly environment: CelEnvironment;
}

function statementErrors(
  statement: { readonly expression?: string | undefined } | undefined,
  { path, patchType, environment }: StatementPlace,
): FieldError[] {
  if (!statement) return [required(path, `must be specified when patchType is ${patchType}`)];
  const { expression = '' } = statement;
  const own = `${path}.expression`;
  if (expression.trim() === '') return [required(own, 'expression is not specified')];
  const types = patchType === 'JSONPatch' ? (['list'] as const) : (['object'] as const);
  return expressionErrors(environment, { text: expression, path: own, types });
}
