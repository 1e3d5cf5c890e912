/** The columns of `kubectl get resourcequotas`. */
import type { Column } from '../../machinery/resource.ts';
import type { ResourceQuota } from './resource-quota.ts';

/** The columns beside Name and Age: what is used of what may be, by name. */
export const resourceQuotaColumns: Readonly<Record<string, Column<ResourceQuota>>> = {
  Request: {
    description: 'Request represents a minimum amount of cpu/memory that a container may consume.',
    value: (quota) => amountsText(quota, (name) => !name.startsWith('limits.')),
  },
  Limit: {
    description:
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    value: (quota) => amountsText(quota, (name) => name.startsWith('limits.')),
  },
};

function amountsText({ status: { hard = {}, used = {} } }: ResourceQuota, isShown: (name: string) => boolean): string {
  return Object.keys(hard)
    .filter(isShown)
    .sort()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}
