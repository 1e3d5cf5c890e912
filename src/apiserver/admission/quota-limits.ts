/** What may be used only where a quota says how much of it. Source: apiserver's admission/plugin/resourcequota. */
import { inScope, scopesOf } from '../../api/core/quota-usage.ts';
import type { QuotaScope } from '../../api/core/quota-usage.ts';
import { ScopedResourceSelectorRequirement } from '../../api/core/resource-quota.ts';
import type { ResourceQuota } from '../../api/core/resource-quota.ts';
import { required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import { defineStruct, list, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import type { Demand, Judgement } from './quota-decision.ts';

const LimitedResource = defineStruct('LimitedResource', {
  apiGroup: text(1).omitEmpty(),
  resource: text(2),
  matchContains: list(3, text).optional(),
  matchScopes: list(4, ScopedResourceSelectorRequirement).optional(),
});

/** Source: apiserver.config.k8s.io/v1 ResourceQuotaConfiguration. */
export const ResourceQuotaConfiguration = defineStruct('ResourceQuotaConfiguration', {
  apiVersion: text(1).omitEmpty(),
  kind: text(2).omitEmpty(),
  limitedResources: list(3, LimitedResource).optional(),
});
export type ResourceQuotaConfiguration = TypeOf<typeof ResourceQuotaConfiguration>;

/** What is wrong with a configuration. */
export function resourceQuotaConfigurationErrors({
  limitedResources = [],
}: ResourceQuotaConfiguration): readonly FieldError[] {
  return limitedResources.flatMap(({ resource }, index) =>
    resource === '' ? [required(`limitedResources[${index}].resource`)] : [],
  );
}

/** What a demand takes that no quota covers, though it is limited: the sentence that refuses it. */
export function uncoveredDemand(
  { limitedResources = [] }: ResourceQuotaConfiguration,
  demand: Demand,
  { quotas, judgements }: { readonly quotas: readonly ResourceQuota[]; readonly judgements: readonly Judgement[] },
): string | undefined {
  if (limitedResources.length === 0 || !takesMore(demand)) return undefined;
  const { resource, object, usage } = demand;
  const own = limitedResources.filter(
    (one) => (one.apiGroup ?? '') === resource.group && one.resource === resource.plural,
  );
  const covered = new Set(judgements.flatMap((judgement) => judgement.covered));
  const parts = own.flatMap(({ matchContains = [] }) => matchContains);
  const uncovered = Object.keys(usage).filter(
    (name) =>
      compareQuantities(usage[name] ?? '0', '0') > 0 && parts.some((part) => name.includes(part)) && !covered.has(name),
  );
  if (uncovered.length > 0) return `insufficient quota to consume: ${uncovered.sort().join(',')}`;
  const matched = (scopes: readonly QuotaScope[]): readonly QuotaScope[] =>
    scopes.filter((scope) => inScope(scope, resource, object));
  const wanted = matched(own.flatMap(({ matchScopes = [] }) => matchScopes));
  const given = matched(quotas.flatMap(({ spec }) => scopesOf(spec))).map(({ scopeName }) => scopeName);
  const missing = wanted.filter(({ scopeName }) => !given.includes(scopeName));
  return missing.length === 0
    ? undefined
    : `insufficient quota to match these scopes: [${missing.map(shown).join(' ')}]`;
}

function takesMore({ usage, old }: Demand): boolean {
  return Object.keys(usage).some((name) => compareQuantities(usage[name] ?? '0', old?.usage[name] ?? '0') > 0);
}

function shown({ scopeName, operator, values = [] }: QuotaScope): string {
  return `{${scopeName} ${operator} [${values.join(' ')}]}`;
}
