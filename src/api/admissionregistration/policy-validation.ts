/** What both kinds of policies and both kinds of bindings must keep to. Source: kubernetes' admissionregistration validation. */
import { celTypes, objectType } from '../../machinery/cel/cel-type.ts';
import type { CelField } from '../../machinery/cel/cel-type.ts';
import type { CelEnvironment } from '../../machinery/cel/environment.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, pathSegmentErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { each, requiredFormat } from '../core/value-checks.ts';
import { expressionErrors, matchConditionsErrors } from './expression-validation.ts';
import { policyEnvironment } from './policy-environment.ts';
import { matchResourcesErrors } from './rule-validation.ts';
import type { MatchResources, ParamKind, Variable } from './validating-admission-policy.ts';
import type { ParamRef } from './validating-admission-policy-binding.ts';
import type { MatchCondition } from './validating-webhook-configuration.ts';

/** What every policy states. */
export interface PolicySpec {
  readonly paramKind?: ParamKind | undefined;
  readonly matchConstraints?: MatchResources | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
  readonly variables?: readonly Variable[] | undefined;
}

/** Names that expressions can't use. */
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** What is wrong with the parts that every policy has, and the environment of its other expressions. */
export function policyErrors(
  spec: PolicySpec,
  old: PolicySpec | undefined,
  does: 'judge' | 'mutate' = 'judge',
): { readonly errors: FieldError[]; readonly environment: CelEnvironment } {
  const { paramKind, matchConstraints, matchConditions, variables } = spec;
  const mutation = does === 'mutate';
  const base = policyEnvironment({ params: paramKind !== undefined, namespaceObject: true, mutation });
  const sameConditions =
    old !== undefined && equalJson(old.paramKind, paramKind) && equalJson(old.matchConditions, matchConditions);
  const declared = variablesErrors(variables, base);
  const errors = [
    ...(paramKind ? paramKindErrors(paramKind, 'spec.paramKind') : []),
    ...(matchConstraints ? constraintsErrors(matchConstraints) : [required('spec.matchConstraints')]),
    ...(sameConditions ? [] : matchConditionsErrors(matchConditions, 'spec.matchConditions', () => base)),
    ...declared.errors,
  ];
  return { errors, environment: declared.environment };
}

function constraintsErrors(constraints: MatchResources): FieldError[] {
  const path = 'spec.matchConstraints';
  const none = (constraints.resourceRules ?? []).length === 0;
  return [...matchResourcesErrors(constraints, path), ...(none ? [required(`${path}.resourceRules`)] : [])];
}

/** Every variable sees those before it. */
function variablesErrors(
  variables: readonly Variable[] | undefined,
  base: CelEnvironment,
): { readonly errors: FieldError[]; readonly environment: CelEnvironment } {
  const fields = new Map<string, CelField>();
  const environment = (): CelEnvironment => {
    const known = new Map(fields);
    return base.extend({ variables: objectType('kubernetes.variables', () => known) });
  };
  const errors = each(variables, 'spec.variables', ({ name, expression }, own) => {
    const isIdentifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !reserved.has(name);
    const named =
      name.trim() === ''
        ? [required(`${own}.name`, 'name is not specified')]
        : isIdentifier
          ? []
          : [invalid(`${own}.name`, name, 'name is not a valid CEL identifier')];
    if (expression.trim() === '') {
      return [...named, required(`${own}.expression`, 'expression is not specified')];
    }
    const faults = expressionErrors(environment(), { text: expression, path: `${own}.expression` }, ({ type }) => {
      fields.set(name, { name, type });
    });
    if (faults.length > 0) fields.set(name, { name, type: celTypes.dyn });
    return [...named, ...faults];
  });
  return { errors, environment: environment() };
}

function paramKindErrors({ apiVersion = '', kind = '' }: ParamKind, path: string): FieldError[] {
  return [
    ...versionErrors(apiVersion, `${path}.apiVersion`),
    ...(kind === '' ? [required(`${path}.kind`)] : []),
    ...joined(kind === '' ? [] : dns1035LabelErrors(kind.toLowerCase())).map((detail) =>
      invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${detail}`),
    ),
  ];
}

function versionErrors(apiVersion: string, path: string): FieldError[] {
  if (apiVersion === '') return [required(path)];
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group, version = ''] = parts.length === 2 ? parts : ['', ...parts];
  return [
    ...joined(group ? dns1123SubdomainErrors(group) : []).map((detail) => invalid(path, group, detail)),
    ...(version === '' ? [invalid(path, apiVersion, 'version must be specified')] : []),
    ...joined(version === '' ? [] : dns1035LabelErrors(version)).map((detail) => invalid(path, version, detail)),
  ];
}

function joined(faults: readonly string[]): readonly string[] {
  return faults.length === 0 ? [] : [faults.join(',')];
}

/** What every binding states. */
export interface PolicyBindingSpec {
  readonly policyName?: string | undefined;
  readonly paramRef?: ParamRef | undefined;
  readonly matchResources?: MatchResources | undefined;
}

/** What is wrong with a binding of either kind. */
export function bindingErrors({ policyName, paramRef, matchResources }: PolicyBindingSpec): FieldError[] {
  return [
    ...requiredFormat(policyName, 'spec.policyName', dns1123SubdomainErrors),
    ...(paramRef ? paramRefErrors(paramRef, 'spec.paramRef') : []),
    // The path is misspelt so upstream.
    ...(matchResources ? matchResourcesErrors(matchResources, 'spec.matchResouces') : []),
  ];
}

function paramRefErrors(
  { name = '', selector, parameterNotFoundAction: action }: ParamRef,
  path: string,
): FieldError[] {
  const exclusive = 'name and selector are mutually exclusive';
  const own = `${path}.parameterNotFoundAction`;
  return [
    ...(name === '' ? [] : pathSegmentErrors(name).map((detail) => invalid(`${path}.name`, name, detail))),
    ...(name !== '' && selector ? [forbidden(`${path}.name`, exclusive)] : []),
    ...labelSelectorErrors(selector, `${path}.selector`),
    ...(name !== '' && selector ? [forbidden(`${path}.selector`, exclusive)] : []),
    ...(name === '' && !selector ? [required(path, 'one of name or selector must be specified')] : []),
    ...(action ? [] : [required(own)]),
    ...(action && !['Deny', 'Allow'].includes(action) ? [notSupported(own, action, ['Deny', 'Allow'])] : []),
  ];
}
