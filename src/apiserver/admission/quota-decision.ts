/** What quotas say to a request, as pure functions. Source: apiserver's admission/plugin/resourcequota CheckRequest. */
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { sumOf } from '../../api/core/pod-resources.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import { Pod } from '../../api/core/pod.ts';
import { countsFor, inQuotaScope, quotaUsage } from '../../api/core/quota-usage.ts';
import type { ResourceQuota } from '../../api/core/resource-quota.ts';
import { Service } from '../../api/core/service.ts';
import { compareQuantities, subtractQuantities } from '../../machinery/quantity.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { AdmissionRequest } from '../ports.ts';
import { unstatedDemand } from './quota-constraints.ts';

/** What a request asks for, and what its object counted for before. */
export interface Demand {
  readonly resource: Resource;
  readonly object: ApiObject;
  readonly usage: Quantities;
  readonly old: { readonly object: ApiObject; readonly usage: Quantities } | undefined;
}

/** What a quota says: its resources that cover the request, and how much of them it takes more than before. */
export interface Judgement {
  readonly covered: readonly string[];
  readonly added: Quantities;
}

/** What a request asks of quotas; undefined when none is about it. `now` in ms. */
export function demandOf(
  { resource, operation, attributes, object, old }: AdmissionRequest,
  now: number,
): Demand | undefined {
  if (!object || !isCounted(resource.qualified, operation, attributes.subresource)) return undefined;
  const asked = object as unknown as ApiObject;
  const usage = quotaUsage(resource, asked, now);
  return { resource, object: asked, usage, old: old && { object: old, usage: quotaUsage(resource, old, now) } };
}

function isCounted(kind: string, operation: AdmissionRequest['operation'], subresource: string): boolean {
  // What pods ask for changes only by a resize; of most kinds only the number counts.
  if (kind === Pod.qualified && operation === 'UPDATE') return subresource === 'resize';
  if (subresource !== '' || kind === 'events' || kind === 'events.events.k8s.io') return false;
  const changes = kind === Service.qualified || kind === PersistentVolumeClaim.qualified;
  return operation === 'CREATE' || (changes && operation === 'UPDATE');
}

/** What a quota says to a demand: undefined when it is not about it, a sentence when it refuses whatever is left. */
export function judge(quota: ResourceQuota, demand: Demand): Judgement | string | undefined {
  const { resource, object, usage, old } = demand;
  const { hard = {}, used = {} } = quota.status;
  const covered = Object.keys(hard).filter((name) => countsFor(resource, name));
  const unseen = Object.keys(quota.spec.hard ?? {}).filter((name) => !(name in hard) && name in usage);
  if (covered.length + unseen.length === 0 || !inQuotaScope(quota.spec, resource, object)) return undefined;
  if (resource.qualified === Pod.qualified) {
    const unstated = unstatedDemand(object as Pod, covered);
    if (unstated !== undefined) return `failed quota: ${quota.metadata.name}: ${unstated}`;
  }
  // What is not counted yet can't be charged: the count would come without the charge.
  const unknown = [...covered.filter((name) => !(name in used)), ...unseen].sort();
  if (unknown.length > 0) return `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.join(',')}`;
  const before = old && inQuotaScope(quota.spec, resource, old.object) ? old.usage : {};
  return { covered, added: growth(usage, before, hard) };
}

/** By how much a usage is more than before; what is less is found by those who count. */
function growth(usage: Quantities, before: Quantities, hard: Quantities): Quantities {
  const grown: Record<string, string> = {};
  for (const name in usage) {
    if (!(name in hard)) continue;
    const more = before[name] === undefined ? usage[name]! : subtractQuantities(usage[name]!, before[name]);
    if (compareQuantities(more, '0') > 0) grown[name] = more;
  }
  return grown;
}

/** What is used once the amounts are taken, or the sentence that refuses them. */
export function taken(quota: ResourceQuota, added: Quantities): Quantities | string {
  const { hard = {}, used = {} } = quota.status;
  const total = sumOf(used, added);
  const exceeded = Object.keys(added)
    .filter((name) => compareQuantities(total[name] ?? '0', hard[name] ?? '0') > 0)
    .sort();
  if (exceeded.length === 0) return total;
  const list = (amounts: Quantities): string => exceeded.map((name) => `${name}=${amounts[name] ?? '0'}`).join(',');
  return `exceeded quota: ${quota.metadata.name}, requested: ${list(added)}, used: ${list(used)}, limited: ${list(hard)}`;
}
