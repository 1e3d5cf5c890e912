import { inNumbers, podTotal } from '../api/core/pod-resources.ts';
import type { Pod } from '../api/core/pod.ts';
import { affinitiesOf } from './pod-affinity.ts';
import type { PodAffinities } from './pod-affinity.ts';

/** Amounts by resource name: cpu in thousandths of a core, everything else in base units. */
export type Amounts = Readonly<Record<string, number>>;

/** A port on the node's own address that a pod takes. */
export interface HostPort {
  readonly protocol: string;
  readonly hostIP: string;
  readonly hostPort: number;
}

/** What scheduling needs of a pod, computed once per version. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: Amounts;
  /** Like `requests`, with a little for pods that ask for nothing, so that they spread too. */
  readonly scoringRequests: Amounts;
  readonly hostPorts: readonly HostPort[];
  readonly affinities: PodAffinities;
  readonly priority: number;
}

/** What a container without a request counts as in scoring. Source: upstream's DefaultMilliCPURequest and DefaultMemoryRequest. */
const defaultRequests: Amounts = { cpu: 100, memory: 200 * 1024 * 1024 };

const asRequested = { part: 'requests', reckoning: inNumbers, status: 'counted' } as const;

/** Digests a pod. */
export function podInfoOf(pod: Pod): PodInfo {
  const requests = podTotal(pod, asRequested);
  return {
    pod,
    requests,
    scoringRequests: scoringRequests(pod, requests),
    hostPorts: hostPortsOf(pod),
    affinities: affinitiesOf(pod),
    priority: pod.spec.priority ?? 0,
  };
}

/** The pod as a whole may ask for what none of its containers does. */
function scoringRequests(pod: Pod, requests: Amounts): Amounts {
  const missing = pod.spec.resources
    ? Object.fromEntries(Object.entries(defaultRequests).filter(([name]) => requests[name] === undefined))
    : defaultRequests;
  return podTotal(pod, { ...asRequested, missing });
}

function hostPortsOf(pod: Pod): readonly HostPort[] {
  return [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always'),
  ].flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ hostPort, hostIP: hostIP || '0.0.0.0', protocol }] : [],
    ),
  );
}
