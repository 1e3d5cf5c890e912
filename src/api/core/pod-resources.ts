/**
 * What pods ask for and may use in all, for quotas, the scheduler, the kubelet and those who look on. Source:
 * component-helpers' resource.PodRequests and PodLimits (KEP-753, KEP-1287, KEP-2837).
 */
import { addQuantities, compareQuantities, milliValue, quantityValue } from '../../machinery/quantity.ts';
import type { Container } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import type { ContainerStatus, PodStatus } from './pod.ts';

/** Exact amounts by resource name. */
export type Quantities = Readonly<Record<string, string>>;

/** In which form amounts are added up and compared. */
export interface Reckoning<A> {
  of(name: string, quantity: string): A;
  plus(a: A, b: A): A;
  compare(a: A, b: A): number;
}

/** As they are written, without loss. */
export const exactly: Reckoning<string> = {
  of: (_name, quantity) => quantity,
  plus: addQuantities,
  compare: compareQuantities,
};

/** As numbers: cpu in thousandths of a core, everything else in base units. */
export const inNumbers: Reckoning<number> = {
  of: (name, quantity) => (name === 'cpu' ? milliValue(quantity) : quantityValue(quantity)),
  plus: (a, b) => a + b,
  compare: (a, b) => a - b,
};

/** What of a pod counts. */
export interface CountedPod {
  readonly spec: Pick<PodSpec, 'containers' | 'initContainers' | 'overhead' | 'resources'>;
  readonly status?: Pick<PodStatus, 'containerStatuses' | 'initContainerStatuses' | 'conditions'> | undefined;
}

/** What is wanted of a pod, and how. */
export interface TotalOptions<A> {
  readonly part: 'requests' | 'limits';
  readonly reckoning: Reckoning<A>;
  /** What running containers still have counts too, while a resize is under way or can't be. Default: the spec alone. */
  readonly status?: 'counted' | undefined;
  /** What containers count as that say nothing of a resource. */
  readonly missing?: Readonly<Record<string, A>> | undefined;
}

/** The total of a pod by resource name: its containers, or what it states as a whole; plus overhead. */
export function podTotal<A>(pod: CountedPod, options: TotalOptions<A>): Record<string, A> {
  const { part, reckoning } = options;
  const { resources, overhead } = pod.spec;
  const total = containersTotal(pod, options);
  const whole = amountsOf(resources?.[part], reckoning);
  for (const name in whole) if (isPodLevel(name)) total[name] = whole[name]!;
  const besides = amountsOf(overhead, reckoning);
  // Overhead raises limits, and makes none.
  if (part === 'limits') for (const name in besides) if (!isPositive(total[name], reckoning)) delete besides[name];
  add(total, besides, reckoning);
  return total;
}

/** Whether pods may state a resource as a whole, and not only their containers. */
export function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/**
 * The total of a pod's containers: those that run and sidecars together, or what the greediest init container needs beside
 * the sidecars started before it, whichever is more.
 */
export function containersTotal<A>(pod: CountedPod, options: TotalOptions<A>): Record<string, A> {
  const { reckoning } = options;
  const statuses = options.status === 'counted' ? statusesOf(pod) : undefined;
  const sidecars: Record<string, A> = {};
  const peak: Record<string, A> = {};
  for (const container of pod.spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(sidecars, containerAmounts(container, options, statuses), reckoning);
    } else {
      const together = { ...sidecars };
      add(together, containerAmounts(container, options, undefined), reckoning);
      raise(peak, together, reckoning);
    }
  }
  const total = sidecars;
  for (const container of pod.spec.containers) add(total, containerAmounts(container, options, statuses), reckoning);
  raise(total, peak, reckoning);
  return total;
}

/** What is known of containers by name, and whether a resize that the spec asks for can't be. */
interface Statuses {
  readonly byName: ReadonlyMap<string, ContainerStatus>;
  readonly infeasible: boolean;
}

function statusesOf({ status }: CountedPod): Statuses | undefined {
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = status ?? {};
  if (containerStatuses.length + initContainerStatuses.length === 0) return undefined;
  const pending = conditions.find(({ type }) => type === 'PodResizePending');
  return {
    byName: new Map([...containerStatuses, ...initContainerStatuses].map((one) => [one.name, one])),
    infeasible: pending?.reason === 'Infeasible',
  };
}

function containerAmounts<A>(
  { name, resources }: Pick<Container, 'name' | 'resources'>,
  { part, reckoning, missing }: TotalOptions<A>,
  statuses: Statuses | undefined,
): Record<string, A> {
  const status = statuses?.byName.get(name);
  const spec = resources?.[part];
  if (!status?.resources) return { ...missing, ...amountsOf(spec, reckoning) };
  const amounts = statuses?.infeasible ? {} : amountsOf(spec, reckoning);
  raise(amounts, amountsOf(status.resources[part], reckoning), reckoning);
  if (part === 'requests') raise(amounts, amountsOf(status.allocatedResources, reckoning), reckoning);
  return { ...missing, ...amounts };
}

function amountsOf<A>(quantities: Quantities | undefined, { of }: Reckoning<A>): Record<string, A> {
  const amounts: Record<string, A> = {};
  for (const name in quantities) amounts[name] = of(name, quantities[name]!);
  return amounts;
}

function isPositive<A>(amount: A | undefined, { of, compare }: Reckoning<A>): boolean {
  return amount !== undefined && compare(amount, of('', '0')) > 0;
}

function add<A>(to: Record<string, A>, amounts: Readonly<Record<string, A>>, { plus }: Reckoning<A>): void {
  for (const name in amounts) to[name] = to[name] === undefined ? amounts[name]! : plus(to[name], amounts[name]!);
}

function raise<A>(to: Record<string, A>, amounts: Readonly<Record<string, A>>, { compare }: Reckoning<A>): void {
  for (const name in amounts)
    if (to[name] === undefined || compare(amounts[name]!, to[name]) > 0) to[name] = amounts[name]!;
}

/** Amounts added up, name by name. */
export function sumOf(a: Quantities, b: Quantities): Quantities {
  const sum: Record<string, string> = { ...a };
  add(sum, b, exactly);
  return sum;
}
