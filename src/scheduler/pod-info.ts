import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { affinitiesOf } from './pod-affinity.ts';
import type { PodAffinities } from './pod-affinity.ts';
import { milliValue, quantityValue } from '../machinery/quantity.ts';

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

const none: Amounts = {};

/** Digests a pod. */
export function podInfoOf(pod: Pod): PodInfo {
  return {
    pod,
    requests: podRequests(pod, none),
    scoringRequests: podRequests(pod, defaultRequests),
    hostPorts: hostPortsOf(pod),
    affinities: affinitiesOf(pod),
    priority: pod.spec.priority ?? 0,
  };
}

/** The number of one amount of a resource. */
export function amountOf(resource: string, quantity: string): number {
  return resource === 'cpu' ? milliValue(quantity) : quantityValue(quantity);
}

/**
 * A pod's effective request: the containers and sidecars together, or what the greediest init container needs beside
 * the sidecars started before it, whichever is more; plus overhead. Source: KEP-753.
 */
function podRequests(pod: Pod, defaults: Amounts): Amounts {
  const sidecars: Record<string, number> = {};
  const initPeak: Record<string, number> = {};
  for (const container of pod.spec.initContainers ?? []) {
    const own = containerRequests(container, defaults);
    if (container.restartPolicy === 'Always') add(sidecars, own);
    raise(initPeak, container.restartPolicy === 'Always' ? sidecars : sum(sidecars, own));
  }
  const total: Record<string, number> = { ...sidecars };
  for (const container of pod.spec.containers) add(total, containerRequests(container, defaults));
  raise(total, initPeak);
  // What the pod states for itself as a whole takes the place of the sum. Source: KEP-2837.
  for (const [name, quantity] of Object.entries(pod.spec.resources?.requests ?? {}))
    total[name] = amountOf(name, quantity);
  for (const [name, quantity] of Object.entries(pod.spec.overhead ?? {}))
    add(total, { [name]: amountOf(name, quantity) });
  return total;
}

function containerRequests(container: Container, defaults: Amounts): Amounts {
  const stated = Object.entries(container.resources?.requests ?? {}).map(([name, quantity]) => [
    name,
    amountOf(name, quantity),
  ]);
  return { ...defaults, ...(Object.fromEntries(stated) as Amounts) };
}

function add(to: Record<string, number>, amounts: Amounts): void {
  for (const [name, amount] of Object.entries(amounts)) to[name] = (to[name] ?? 0) + amount;
}

function sum(a: Amounts, b: Amounts): Amounts {
  const total = { ...a };
  add(total, b);
  return total;
}

function raise(to: Record<string, number>, amounts: Amounts): void {
  for (const [name, amount] of Object.entries(amounts)) to[name] = Math.max(to[name] ?? 0, amount);
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
