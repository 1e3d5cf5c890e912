import type { Pod } from '../../api/core/pod.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';
import { isSidecar } from '../pod/pod-facts.ts';
import { qosClassOf } from './qos-class.ts';

/** The least that the kernel accepts as cpu.shares. */
export const minShares = 2;
const maxShares = 262_144;
const quotaPeriod = 100_000;
const minQuota = 1_000;

/** What cgroups are set to; absent means no limit. */
export interface CgroupValues {
  readonly cpuShares: number;
  /** Microseconds per `cpuPeriod`. */
  readonly cpuQuota?: number | undefined;
  readonly cpuPeriod: number;
  /** Bytes. */
  readonly memoryLimit?: number | undefined;
}

/** cpu.shares of a request in millicores. */
export function sharesOf(milliCpu: number): number {
  return milliCpu === 0 ? minShares : Math.min(maxShares, Math.max(minShares, Math.floor((milliCpu * 1024) / 1000)));
}

/** CFS quota of a limit in millicores; undefined without a limit. */
export function quotaOf(milliCpu: number): number | undefined {
  return milliCpu === 0 ? undefined : Math.max(minQuota, Math.floor((milliCpu * quotaPeriod) / 1000));
}

/** cpu.weight of cgroup v2 for cpu.shares. Source: KEP-2254. */
export function weightOf(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** A container's cgroup values: its request falls back to its limit. */
export function containerCgroupValues(container: AnyContainer): CgroupValues {
  const { requests = {}, limits = {} } = container.resources;
  const limit = milliValue(limits['cpu'] ?? '0');
  const request = requests['cpu'] === undefined ? limit : milliValue(requests['cpu']);
  const memory = quantityValue(limits['memory'] ?? '0');
  return {
    cpuShares: sharesOf(request),
    cpuQuota: quotaOf(limit),
    cpuPeriod: quotaPeriod,
    memoryLimit: memory === 0 ? undefined : memory,
  };
}

/** What a pod asks for in all: its containers and sidecars together, or one init container if that is more. */
export function podTotal(pod: Pod, part: 'requests' | 'limits', name: 'cpu' | 'memory'): number {
  const value = name === 'cpu' ? milliValue : quantityValue;
  const level = pod.spec.resources?.[part]?.[name];
  const overhead = value(pod.spec.overhead?.[name] ?? '0');
  if (level !== undefined) return value(level) + overhead;
  const of = (container: AnyContainer): number => {
    const { resources } = container;
    const fallback = part === 'requests' ? resources.limits?.[name] : undefined;
    return value(resources[part]?.[name] ?? fallback ?? '0');
  };
  const sum = pod.spec.containers.reduce((total, container) => total + of(container), 0);
  let sidecars = 0;
  let peak = 0;
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) sidecars += of(container);
    peak = Math.max(peak, sidecars + (isSidecar(container) ? 0 : of(container)));
  }
  return Math.max(sum + sidecars, peak) + overhead;
}

/** The values of a pod's own cgroup: limits only when every container has one. Source: upstream's ResourceConfigForPod. */
export function podCgroupValues(pod: Pod): CgroupValues {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const limited = (name: 'cpu' | 'memory'): boolean =>
    pod.spec.resources?.limits?.[name] !== undefined ||
    all.every((c) => quantityValue(c.resources.limits?.[name] ?? '0') > 0);
  if (qosClassOf(pod) === 'BestEffort') return { cpuShares: minShares, cpuPeriod: quotaPeriod };
  return {
    cpuShares: sharesOf(podTotal(pod, 'requests', 'cpu')),
    cpuQuota: limited('cpu') ? quotaOf(podTotal(pod, 'limits', 'cpu')) : undefined,
    cpuPeriod: quotaPeriod,
    memoryLimit: limited('memory') ? podTotal(pod, 'limits', 'memory') : undefined,
  };
}
