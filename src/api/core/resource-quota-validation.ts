/** Validation of ResourceQuotas. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { isQuotaResource } from './resource-names.ts';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from './resource-quota.ts';
import { quantityErrors, quotaResourceNameErrors } from './resource-validation.ts';

type Amounts = Readonly<Record<string, string>>;

const podScopes: readonly string[] = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const claimScope = 'VolumeAttributesClass';
const opposites: readonly (readonly [string, string])[] = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];
/** Scopes that only can hold or not. */
const plainScopes: readonly string[] = podScopes.filter((scope) => scope !== 'PriorityClass');
/** What pods use, and so what scopes of pods can limit. */
const podResources: readonly string[] = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
];

/** What is wrong with a ResourceQuota. */
export function resourceQuotaErrors(
  { spec, status }: ResourceQuota,
  { old, subresource }: ValidationContext<ResourceQuota>,
): FieldError[] {
  const statusErrors = [...amountsErrors(status.hard, 'status.hard'), ...amountsErrors(status.used, 'status.used')];
  if (subresource === 'status') return statusErrors;
  return [
    ...amountsErrors(spec.hard, 'spec.hard'),
    ...scopesErrors(spec),
    ...selectorErrors(spec),
    ...(old ? changeErrors(spec, old.spec) : statusErrors),
  ];
}

function amountsErrors(amounts: Amounts = {}, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...quotaResourceNameErrors(name, `${path}[${name}]`),
    ...quantityErrors(name, amount, `${path}[${name}]`),
  ]);
}

/** Whether a scope can say anything of a resource. */
function appliesTo(scope: string, name: string): boolean {
  if (scope === claimScope) return name === 'persistentvolumeclaims' || name === 'requests.storage';
  if (scope === 'BestEffort') return name === 'pods';
  return !podScopes.includes(scope) || name === 'pods' || podResources.includes(name) || name.includes('hugepages-');
}

function unsuitableErrors(scope: string, { hard = {} }: ResourceQuotaSpec, path: string, value: unknown): FieldError[] {
  const unsuitable = Object.keys(hard)
    .sort()
    .filter((name) => isQuotaResource(name) && !appliesTo(scope, name));
  return unsuitable.map(() => invalid(path, value, 'unsupported scope applied to resource'));
}

function conflictErrors(scopes: readonly string[], path: string, value: unknown): FieldError[] {
  const conflicts = opposites.filter(([one, other]) => scopes.includes(one) && scopes.includes(other));
  return conflicts.map(() => invalid(path, value, 'conflicting scopes'));
}

function scopesErrors(spec: ResourceQuotaSpec): FieldError[] {
  const { scopes = [] } = spec;
  const path = 'spec.scopes';
  return [
    ...scopes.flatMap((scope) => [
      ...(podScopes.includes(scope) || scope === claimScope ? [] : [invalid(path, scopes, 'unsupported scope')]),
      ...unsuitableErrors(scope, spec, path, scopes),
    ]),
    ...conflictErrors(scopes, path, scopes),
  ];
}

function selectorErrors(spec: ResourceQuotaSpec): FieldError[] {
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const path = 'spec.scopeSelector.matchExpressions';
  return [
    ...requirements.flatMap((requirement) => [
      ...unsuitableErrors(requirement.scopeName, spec, path, spec.scopeSelector),
      ...requirementErrors(requirement, path),
    ]),
    ...conflictErrors(
      requirements.map(({ scopeName }) => scopeName),
      path,
      spec.scopes ?? null,
    ),
  ];
}

function requirementErrors(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (plainScopes.includes(scopeName) && operator !== 'Exists') {
    const detail =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalid(`${path}.operator`, operator, detail));
  }
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(required(`${path}.values`, detail));
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(invalid(`${path}.values`, values, detail));
  }
  return errors;
}

function changeErrors({ scopes = [] }: ResourceQuotaSpec, { scopes: old = [] }: ResourceQuotaSpec): FieldError[] {
  const isSame = new Set(scopes).size === new Set(old).size && scopes.every((scope) => old.includes(scope));
  return isSame ? [] : [invalid('spec.scopes', scopes, 'field is immutable')];
}
