import type { ContainerStats, FilesystemUsage, PodSandboxStats } from '../cri/container-runtime.ts';
import type { FakeContainer } from './fake-containers.ts';
import type { FakeSandbox } from './fake-sandboxes.ts';

/** What a fake container consumes. */
export interface FakeUsage {
  /** Nanoseconds of CPU so far. */
  readonly cpuNanoSeconds?: number | undefined;
  readonly cpuNanoCores?: number | undefined;
  /** Working set, bytes. */
  readonly memoryBytes?: number | undefined;
  /** Bytes of the writable layer. */
  readonly diskBytes?: number | undefined;
}

/** The statistics the runtime reports of a container that consumes `usage`. */
export function containerStatsOf(container: FakeContainer, usage: FakeUsage = {}, timestamp: number): ContainerStats {
  const { metadata, labels = {}, annotations = {} } = container.config;
  const { cpuNanoSeconds = 0, cpuNanoCores, memoryBytes = 0, diskBytes = 0 } = usage;
  const disk: FilesystemUsage = { timestamp, mountpoint: '/var/lib/fake', usedBytes: diskBytes, inodesUsed: 1 };
  const running = container.state === 'Running';
  return {
    attributes: { id: container.id, metadata, labels, annotations },
    cpu: running ? cpuUsage(cpuNanoSeconds, cpuNanoCores, timestamp) : undefined,
    memory: running ? memoryUsage(memoryBytes, timestamp) : undefined,
    writableLayer: disk,
    swap: undefined,
    io: undefined,
  };
}

/** The statistics of a sandbox: the sum of its running containers. */
export function podStatsOf(sandbox: FakeSandbox, containers: ContainerStats[], timestamp: number): PodSandboxStats {
  const { metadata, labels = {}, annotations = {} } = sandbox.config;
  const sum = (figure: (stats: ContainerStats) => number | undefined): number =>
    containers.reduce((total, stats) => total + (figure(stats) ?? 0), 0);
  const cpu = sum((stats) => stats.cpu?.usageCoreNanoSeconds);
  const cores = sum((stats) => stats.cpu?.usageNanoCores);
  return {
    attributes: { id: sandbox.id, metadata, labels, annotations },
    cpu: cpuUsage(cpu, cores, timestamp),
    memory: memoryUsage(
      sum((stats) => stats.memory?.workingSetBytes),
      timestamp,
    ),
    network: { timestamp, defaultInterface: undefined, interfaces: [] },
    process: { timestamp, processCount: containers.length },
    containers,
    io: undefined,
  };
}

function cpuUsage(total: number, nanoCores: number | undefined, timestamp: number): NonNullable<ContainerStats['cpu']> {
  return { timestamp, usageCoreNanoSeconds: total, usageNanoCores: nanoCores, psi: undefined };
}

function memoryUsage(bytes: number, timestamp: number): NonNullable<ContainerStats['memory']> {
  return {
    timestamp,
    workingSetBytes: bytes,
    availableBytes: undefined,
    usageBytes: bytes,
    rssBytes: bytes,
    pageFaults: 0,
    majorPageFaults: 0,
    psi: undefined,
  };
}
