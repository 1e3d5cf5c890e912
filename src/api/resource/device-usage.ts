/** What claims of devices count for in quotas. Source: kubernetes' quota/v1/evaluator/core resource_claims.go. */
import type { ResourceClaim } from './resource-claim.ts';

/** What a class of devices is called in a quota, behind its name. */
export const devicesSuffix = '.deviceclass.resource.k8s.io/devices';

/** As many devices as a claim may get when it asks for all. Source: resource/v1 AllocationResultsMaxSize. */
const most = 32;

/** How many devices of each class a claim may get, at worst, by the names that quotas use. */
export function deviceUsage({ spec }: ResourceClaim): Readonly<Record<string, string>> {
  const total = new Map<string, number>();
  for (const { exactly, firstAvailable = [] } of spec.devices.requests ?? []) {
    // Of alternatives one is taken: of each class as many as the greediest has.
    const worst = new Map<string, number>();
    for (const one of exactly ? [exactly] : firstAvailable) {
      const { deviceClassName: name, allocationMode, count } = one;
      const wanted = allocationMode === 'All' ? most : (count ?? 1);
      worst.set(name, Math.max(worst.get(name) ?? 0, wanted));
    }
    for (const [name, count] of worst) total.set(name, (total.get(name) ?? 0) + count);
  }
  return Object.fromEntries([...total].map(([name, count]) => [`${name}${devicesSuffix}`, String(count)]));
}
