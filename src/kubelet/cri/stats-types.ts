import type { ContainerMetadata } from './container-types.ts';
import type { FilesystemUsage } from './image-types.ts';
import type { PodSandboxMetadata } from './sandbox-types.ts';
import type { StringMap } from './shared-types.ts';

/** One pressure figure. Source: the kernel's PSI: total in microseconds, averages in percent. */
export interface PressureData {
  readonly total: number;
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

/** Pressure of one resource: all tasks stalled (full), or some. */
export interface PressureStats {
  readonly full: PressureData | undefined;
  readonly some: PressureData | undefined;
}

/** CPU use. Timestamps of all figures here are milliseconds since the epoch. */
export interface CpuUsage {
  readonly timestamp: number;
  /** Nanoseconds of CPU since the container's start. */
  readonly usageCoreNanoSeconds: number | undefined;
  readonly usageNanoCores: number | undefined;
  readonly psi: PressureStats | undefined;
}

/** Memory use in bytes. */
export interface MemoryUsage {
  readonly timestamp: number;
  readonly workingSetBytes: number | undefined;
  readonly availableBytes: number | undefined;
  readonly usageBytes: number | undefined;
  readonly rssBytes: number | undefined;
  readonly pageFaults: number | undefined;
  readonly majorPageFaults: number | undefined;
  readonly psi: PressureStats | undefined;
}

/** Swap in bytes. */
export interface SwapUsage {
  readonly timestamp: number;
  readonly availableBytes: number | undefined;
  readonly usageBytes: number | undefined;
}

/** I/O pressure. */
export interface IoUsage {
  readonly timestamp: number;
  readonly psi: PressureStats | undefined;
}

/** Whose figures these are. */
export interface ContainerAttributes {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/** Figures of one container; undefined where it does not run. */
export interface ContainerStats {
  readonly attributes: ContainerAttributes;
  readonly cpu: CpuUsage | undefined;
  readonly memory: MemoryUsage | undefined;
  readonly writableLayer: FilesystemUsage | undefined;
  readonly swap: SwapUsage | undefined;
  readonly io: IoUsage | undefined;
}

/** Selects containers to measure. */
export interface ContainerStatsFilter {
  readonly id?: string | undefined;
  readonly podSandboxId?: string | undefined;
  readonly labelSelector?: StringMap | undefined;
}

/** Counters of one network interface since its creation. */
export interface NetworkInterfaceUsage {
  readonly name: string;
  readonly rxBytes: number | undefined;
  readonly rxErrors: number | undefined;
  readonly txBytes: number | undefined;
  readonly txErrors: number | undefined;
}

/** Counters of a pod's network. */
export interface NetworkUsage {
  readonly timestamp: number;
  readonly defaultInterface: NetworkInterfaceUsage | undefined;
  readonly interfaces: readonly NetworkInterfaceUsage[];
}

/** Number of processes. */
export interface ProcessUsage {
  readonly timestamp: number;
  readonly processCount: number | undefined;
}

/** Whose figures these are. */
export interface PodSandboxAttributes {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/** Figures of one pod and its containers. */
export interface PodSandboxStats {
  readonly attributes: PodSandboxAttributes;
  readonly cpu: CpuUsage | undefined;
  readonly memory: MemoryUsage | undefined;
  readonly network: NetworkUsage | undefined;
  readonly process: ProcessUsage | undefined;
  readonly containers: readonly ContainerStats[];
  readonly io: IoUsage | undefined;
}

/** Selects sandboxes to measure. */
export interface PodSandboxStatsFilter {
  readonly id?: string | undefined;
  readonly labelSelector?: StringMap | undefined;
}
