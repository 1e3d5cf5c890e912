import { sumOf } from '../../api/core/pod-resources.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import { inQuotaScope, quotaUsage } from '../../api/core/quota-usage.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Cache, Controller } from '../../client/controller.ts';
import { canonicalQuantity, compareQuantities } from '../../machinery/quantity.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { keyString } from '../../machinery/resource.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';

/**
 * A create is charged to its quotas before its object is there. So what a count finds missing becomes free only once the
 * quota has not been charged for this long (ms): by then the charged objects are there, or their creates have failed.
 */
const settling = 1000;

/** Keeps the status of quotas true: what is deleted or ends becomes free again. `kinds`: what may be counted. */
export function resourceQuotaController(kinds: readonly Resource[]): Controller {
  const countable = kinds.filter(({ namespaced }) => namespaced);
  const seen = new Map<string, { readonly resourceVersion: string; readonly since: number }>();
  return defineController({
    name: 'resourcequota-controller',
    for: ResourceQuota,
    rbac: {
      'resourcequotas/status': ['update'],
      '*.*': ['list', 'watch'],
      events: ['create', 'patch', 'update'],
    },
    watches: countable.map((resource) => watched(resource, (object, { cache }) => quotasFor(object, cache))),
    resync: 5 * 60_000,
    async reconcile(key, { cache, client, clock, signal }) {
      const quota = cache.get(ResourceQuota, key);
      if (!quota || quota.metadata.deletionTimestamp !== undefined) {
        seen.delete(keyString(key));
        return done;
      }
      const { resourceVersion } = quota.metadata;
      let last = seen.get(keyString(key));
      if (last?.resourceVersion !== resourceVersion) {
        seen.set(keyString(key), (last = { resourceVersion, since: clock.monotonic() }));
      }
      const waited = clock.monotonic() - last.since;
      const recorded = quota.status.used ?? {};
      const counted = usedOf(quota, countable, cache);
      const used = waited >= settling ? counted : notLower(counted, recorded);
      const status = { hard: canonical(quota.spec.hard ?? {}), used };
      if (!equalJson(status, quota.status)) {
        await client.update(ResourceQuota, { ...quota, status }, { subresource: 'status', signal });
      }
      return equalJson(used, counted) ? done : again(settling - waited);
    },
  });
}

/** The counts, but for those that are lower than what is recorded. */
function notLower(counted: Quantities, recorded: Quantities): Quantities {
  const entries = Object.entries(counted).map(([name, amount]) => {
    const before = recorded[name] ?? amount;
    return [name, compareQuantities(amount, before) < 0 ? before : amount] as const;
  });
  return Object.fromEntries(entries);
}

function quotasFor({ metadata: { namespace } }: ApiObject, cache: Cache): readonly ObjectKey[] {
  return cache.list(ResourceQuota, { namespace }).map(({ metadata }) => ({ namespace, name: metadata.name }));
}

/** What the objects of the quota's namespace add up to, of that which it limits. */
function usedOf(quota: ResourceQuota, kinds: readonly Resource[], cache: Cache): Quantities {
  const limited = Object.keys(quota.spec.hard ?? {});
  let total: Quantities = {};
  for (const resource of kinds) {
    for (const object of cache.list(resource, { namespace: quota.metadata.namespace })) {
      if (inQuotaScope(quota.spec, resource, object)) total = sumOf(total, quotaUsage(resource, object));
    }
  }
  return Object.fromEntries(limited.map((name) => [name, total[name] ?? '0']));
}

function canonical(amounts: Quantities): Quantities {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, canonicalQuantity(amount)]));
}
