import { timestamp } from '../../base/clock.ts';
import type { ContainerStats, PodSandboxStats } from '../cri/container-runtime.ts';
import type { KubeletServices } from '../pod/kubelet-services.ts';
import { containerNameLabel } from '../pod/container-labels.ts';

/** The body of /stats/summary. Source: upstream's stats/v1alpha1, as far as the runtime tells. */
export async function statsSummary(services: KubeletServices, signal: AbortSignal): Promise<unknown> {
  const { runtime, clock, config, memoryCapacity, machine } = services;
  const [sandboxes, containers, usage] = await Promise.all([
    runtime.listPodSandboxStats({}, { signal }).catch((): readonly PodSandboxStats[] => []),
    runtime.listContainerStats({}, { signal }).catch((): readonly ContainerStats[] => []),
    machine.usage(),
  ]);
  const time = timestamp(clock.now());
  const { cpuSeconds, memoryWorkingSet: used } = usage;
  return {
    node: {
      nodeName: config.nodeName,
      startTime: time,
      cpu: {
        time,
        usageNanoCores: sum(containers, (entry) => entry.cpu?.usageNanoCores),
        usageCoreNanoSeconds: cpuSeconds * 1e9,
      },
      memory: { time, workingSetBytes: used, availableBytes: Math.max(0, memoryCapacity() - used) },
    },
    pods: sandboxes.map((sandbox) => podEntry(sandbox, time)),
  };
}

function podEntry({ attributes, cpu, memory, network, containers }: PodSandboxStats, time: string): unknown {
  const { name, namespace, uid } = attributes.metadata;
  return {
    podRef: { name, namespace, uid },
    startTime: time,
    containers: containers.map((container) => containerEntry(container, time)),
    ...(cpu
      ? { cpu: { time, usageNanoCores: cpu.usageNanoCores, usageCoreNanoSeconds: cpu.usageCoreNanoSeconds } }
      : {}),
    ...(memory
      ? {
          memory: {
            time,
            usageBytes: memory.usageBytes,
            workingSetBytes: memory.workingSetBytes,
            rssBytes: memory.rssBytes,
          },
        }
      : {}),
    ...(network?.defaultInterface ? { network: { time, ...network.defaultInterface } } : {}),
  };
}

function containerEntry({ attributes, cpu, memory, writableLayer }: ContainerStats, time: string): unknown {
  return {
    name: attributes.labels[containerNameLabel] ?? attributes.metadata.name,
    startTime: time,
    ...(cpu
      ? { cpu: { time, usageNanoCores: cpu.usageNanoCores, usageCoreNanoSeconds: cpu.usageCoreNanoSeconds } }
      : {}),
    ...(memory
      ? {
          memory: {
            time,
            usageBytes: memory.usageBytes,
            workingSetBytes: memory.workingSetBytes,
            rssBytes: memory.rssBytes,
          },
        }
      : {}),
    ...(writableLayer
      ? { rootfs: { time, usedBytes: writableLayer.usedBytes, inodesUsed: writableLayer.inodesUsed } }
      : {}),
  };
}

function sum(containers: readonly ContainerStats[], of: (stats: ContainerStats) => number | undefined): number {
  return containers.reduce((total, stats) => total + (of(stats) ?? 0), 0);
}
