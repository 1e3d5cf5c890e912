/** What a quota's objects add up to. */
import { sumOf } from '../../api/core/pod-resources.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import { outstanding } from '../../api/core/quota-charges.ts';
import type { QuotaCharges } from '../../api/core/quota-charges.ts';
import { countsFor, inQuotaScope, quotaUsage } from '../../api/core/quota-usage.ts';
import type { ResourceQuota } from '../../api/core/resource-quota.ts';
import { canonicalQuantity, compareQuantities } from '../../machinery/quantity.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';

/** Objects of one kind in the quota's namespace. */
export interface CountedObjects {
  readonly resource: Resource;
  readonly objects: readonly ApiObject[];
}

/** The kinds of which a quota limits something. */
export function limitedKinds({ spec }: ResourceQuota, kinds: Iterable<Resource>): readonly Resource[] {
  const names = Object.keys(spec.hard ?? {});
  return [...kinds].filter((resource) => names.some((name) => countsFor(resource, name)));
}

/** The status of a quota with these objects, and charges for objects that may be on their way. `now` in ms. */
export function countedStatus(
  { spec }: ResourceQuota,
  counted: readonly CountedObjects[],
  { charges, now }: { readonly charges: QuotaCharges; readonly now: number },
): { readonly hard: Quantities; readonly used: Quantities } {
  let total: Quantities = {};
  const uids = new Set<string>();
  for (const { resource, objects } of counted) {
    for (const object of objects) {
      uids.add(object.metadata.uid);
      if (inQuotaScope(spec, resource, object)) total = sumOf(total, quotaUsage(resource, object, now));
    }
  }
  total = sumOf(
    total,
    outstanding(charges, (uid) => uids.has(uid)),
  );
  const hard = spec.hard ?? {};
  return {
    hard: Object.fromEntries(Object.entries(hard).map(([name, amount]) => [name, canonicalQuantity(amount)])),
    used: Object.fromEntries(Object.keys(hard).map((name) => [name, total[name] ?? '0'])),
  };
}

/** Whether a status says this already, in whatever form. */
export function saysSame(
  { status }: ResourceQuota,
  wanted: { readonly hard: Quantities; readonly used: Quantities },
): boolean {
  return sameAmounts(status.hard, wanted.hard) && sameAmounts(status.used, wanted.used);
}

function sameAmounts(one: Quantities | undefined, other: Quantities): boolean {
  if (!one || Object.keys(one).length !== Object.keys(other).length) return false;
  return Object.entries(one).every(
    ([name, amount]) => other[name] !== undefined && compareQuantities(amount, other[name]) === 0,
  );
}
