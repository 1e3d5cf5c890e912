import type { Pod } from '../../api/core/pod.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import { allContainers } from '../pod/pod-facts.ts';

/** How well a pod's resources are guaranteed. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

/** The QoS class of a pod: from requests and limits of cpu and memory. Source: upstream's qos.ComputePodQOS. */
export function qosClassOf(pod: Pod): QosClass {
  const containers = allContainers(pod).filter(({ group }) => group !== 'ephemeralContainers');
  let anything = false;
  let guaranteed = true;
  const level = pod.spec.resources;
  const levels = level?.requests || level?.limits ? [level] : containers.map(({ container }) => container.resources);
  for (const { requests = {}, limits = {} } of levels) {
    for (const name of counted) {
      const limit = nonZero(limits[name]);
      const request = nonZero(requests[name]) ?? limit;
      if (limit !== undefined || request !== undefined) anything = true;
      if (limit === undefined || request === undefined || compareQuantities(limit, request) !== 0) guaranteed = false;
    }
  }
  if (!anything) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function nonZero(quantity: string | undefined): string | undefined {
  return quantity === undefined || compareQuantities(quantity, '0') === 0 ? undefined : quantity;
}
