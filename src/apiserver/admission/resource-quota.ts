/** Upstream's ResourceQuota: a namespace gets no more than its quotas allow. */
import { Pod } from '../../api/core/pod.ts';
import { sumOf } from '../../api/core/pod-resources.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import { inQuotaScope, quotaUsage } from '../../api/core/quota-usage.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { hasReason } from '../../base/errors.ts';
import { compareQuantities, subtractQuantities } from '../../machinery/quantity.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { refusal } from './refusal.ts';

/** How often a quota that others change meanwhile is charged anew. */
const attempts = 30;

/** The plug-in. It comes last: what it charges should not be refused by another. */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  async validate(request, context) {
    const { operation, resource, attributes, object } = request;
    if (!object || !resource.namespaced || attributes.subresource !== '') return;
    if (operation !== 'CREATE' && operation !== 'UPDATE') return;
    const quotas = context.objects(ResourceQuota).filter(({ metadata }) => metadata.namespace === attributes.namespace);
    for (const quota of quotas) await charge(quota, request, context);
  },
};

async function charge(first: ResourceQuota, request: AdmissionRequest, { client }: AdmissionContext): Promise<void> {
  let quota = first;
  for (let attempt = 1; ; attempt++) {
    const used = usedAfter(quota, request);
    if (!used || request.dryRun) return;
    try {
      const status = { ...quota.status, used };
      await client.update(ResourceQuota, { ...quota, status }, { subresource: 'status' });
      return;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (!hasReason(error, 'Conflict') || attempt >= attempts) throw error;
      const { namespace = '', name } = quota.metadata;
      quota = await client.get(ResourceQuota, { namespace, name });
    }
  }
}

/** What is used once the request is granted; undefined when it changes nothing. Throws Forbidden when it is too much. */
function usedAfter(quota: ResourceQuota, request: AdmissionRequest): Quantities | undefined {
  const { resource, object, old } = request;
  const asked = chargeable(quota, request, object as unknown as ApiObject);
  if (!asked) return undefined;
  const before = (old && chargeable(quota, request, old)) ?? {};
  const hard = quota.status.hard ?? {};
  const unknown = Object.keys(quota.spec.hard ?? {}).filter((name) => name in asked && !(name in hard));
  if (unknown.length > 0) {
    throw refusal(request, `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.sort().join(',')}`);
  }
  if (resource.qualified === Pod.qualified && request.operation === 'CREATE') demandStated(quota, request, asked);
  const added = difference(asked, before, hard);
  const raised = Object.keys(added).filter((name) => compareQuantities(added[name] ?? '0', '0') > 0);
  if (Object.keys(added).length === 0) return undefined;
  const total = sumOf(quota.status.used ?? {}, added);
  const exceeded = raised.filter((name) => compareQuantities(total[name] ?? '0', hard[name] ?? '0') > 0);
  if (exceeded.length > 0) {
    const list = (amounts: Quantities): string =>
      exceeded
        .sort()
        .map((name) => `${name}=${amounts[name] ?? '0'}`)
        .join(',');
    throw refusal(
      request,
      `exceeded quota: ${quota.metadata.name}, requested: ${list(added)}, used: ${list(quota.status.used ?? {})}, limited: ${list(hard)}`,
    );
  }
  return total;
}

function chargeable(quota: ResourceQuota, { resource }: AdmissionRequest, object: ApiObject): Quantities | undefined {
  return inQuotaScope(quota.spec, resource, object) ? quotaUsage(resource, object) : undefined;
}

/** What changes of the amounts that a quota limits. */
function difference(asked: Quantities, before: Quantities, hard: Quantities): Quantities {
  const changes: Record<string, string> = {};
  for (const name of new Set([...Object.keys(asked), ...Object.keys(before)])) {
    if (!(name in hard)) continue;
    const change = subtractQuantities(asked[name] ?? '0', before[name] ?? '0');
    if (compareQuantities(change, '0') !== 0) changes[name] = change;
  }
  return changes;
}

const computeResource = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage)$/;

/** Where cpu or memory is limited, every container must say how much it wants. */
function demandStated(quota: ResourceQuota, request: AdmissionRequest, asked: Quantities): void {
  const limited = Object.keys(quota.status.hard ?? {}).filter((name) => computeResource.test(name));
  const missing = limited.filter((name) => !(name in asked) || !everyContainerStates(request, name)).sort();
  if (missing.length === 0) return;
  const { containers } = (request.object as unknown as Pod).spec;
  const detail = missing
    .map((name) => {
      const silent = containers.filter((container) => !states(container, name)).map((container) => container.name);
      return `${name} for: ${silent.join(',')}`;
    })
    .join('; ');
  throw refusal(request, `failed quota: ${quota.metadata.name}: must specify ${detail}`);
}

function everyContainerStates({ object }: AdmissionRequest, name: string): boolean {
  const { containers, initContainers = [] } = (object as unknown as Pod).spec;
  return [...containers, ...initContainers].every((container) => states(container, name));
}

function states({ resources }: Pod['spec']['containers'][number], name: string): boolean {
  const [part, plain] = name.startsWith('limits.')
    ? (['limits', name.slice(7)] as const)
    : (['requests', name.replace('requests.', '')] as const);
  return resources?.[part]?.[plain] !== undefined;
}
