/** The quality of service that a pod's requests and limits add up to. Source: kubernetes' qos.ComputePodQOS. */
import { addQuantities, compareQuantities } from '../../machinery/quantity.ts';
import type { ResourceRequirements } from './container.ts';
import type { PodSpec } from './pod-spec.ts';

/** What the kubelet treats pods by. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

/** The quality of service of a pod with this spec. */
export function qosClass(spec: PodSpec): QosClass {
  const whole = spec.resources;
  const parts = whole
    ? [whole]
    : [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources);
  const requests = sum(parts, 'requests');
  const limits = sum(parts, 'limits');
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const everyPartLimited = parts.every((part) => counted.every((name) => isPositive(part.limits?.[name])));
  const sameAsLimits = [...requests].every(([name, amount]) => limits.get(name) === amount);
  return everyPartLimited && sameAsLimits && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

function sum(parts: readonly ResourceRequirements[], of: 'requests' | 'limits'): Map<string, string> {
  const totals = new Map<string, string>();
  for (const part of parts) {
    for (const name of counted) {
      const amount = part[of]?.[name];
      if (amount !== undefined && isPositive(amount)) totals.set(name, addQuantities(totals.get(name) ?? '0', amount));
    }
  }
  return totals;
}

function isPositive(amount: string | undefined): boolean {
  return amount !== undefined && compareQuantities(amount, '0') > 0;
}
