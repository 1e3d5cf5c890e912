import { inNumbers, podTotal } from '../../api/core/pod-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import { qosClass } from '../../api/core/qos-class.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';

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

/** The values of a pod's own cgroup: limits only when every container has one. Source: upstream's ResourceConfigForPod. */
export function podCgroupValues(pod: Pod): CgroupValues {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const limited = (name: 'cpu' | 'memory'): boolean =>
    pod.spec.resources?.limits?.[name] !== undefined ||
    all.every((c) => quantityValue(c.resources.limits?.[name] ?? '0') > 0);
  if (qosClass(pod.spec) === 'BestEffort') return { cpuShares: minShares, cpuPeriod: quotaPeriod };
  const { cpu: request = 0 } = podTotal(pod, { part: 'requests', reckoning: inNumbers });
  const { cpu: limit = 0, memory } = podTotal(pod, { part: 'limits', reckoning: inNumbers });
  return {
    cpuShares: sharesOf(request),
    cpuQuota: limited('cpu') ? quotaOf(limit) : undefined,
    cpuPeriod: quotaPeriod,
    memoryLimit: limited('memory') ? memory : undefined,
  };
}
