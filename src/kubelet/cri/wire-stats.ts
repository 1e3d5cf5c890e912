import type {
  ContainerAttributes,
  ContainerStats,
  ContainerStatsFilter,
  CpuUsage,
  IoUsage,
  MemoryUsage,
  NetworkInterfaceUsage,
  NetworkUsage,
  PodSandboxAttributes,
  PodSandboxStats,
  PodSandboxStatsFilter,
  PressureData,
  PressureStats,
  ProcessUsage,
  SwapUsage,
} from './stats-types.ts';
import {
  double,
  embedded,
  field,
  list,
  message,
  optional,
  string,
  stringMap,
  time,
  uint64,
} from '../../machinery/protobuf/wire-codec.ts';
import { containerMetadata } from './wire-container.ts';
import { filesystemUsage } from './wire-image.ts';
import { podSandboxMetadata } from './wire-sandbox.ts';
import { uint64Value } from './wire-shared.ts';

const pressureData = message<PressureData>({
  total: field(1, uint64),
  avg10: field(2, double),
  avg60: field(3, double),
  avg300: field(4, double),
});

const pressureStats = message<PressureStats>({
  full: optional(field(1, embedded(pressureData))),
  some: optional(field(2, embedded(pressureData))),
});

const cpuUsage = message<CpuUsage>({
  timestamp: field(1, time),
  usageCoreNanoSeconds: optional(field(2, uint64Value)),
  usageNanoCores: optional(field(3, uint64Value)),
  psi: optional(field(4, embedded(pressureStats))),
});

const memoryUsage = message<MemoryUsage>({
  timestamp: field(1, time),
  workingSetBytes: optional(field(2, uint64Value)),
  availableBytes: optional(field(3, uint64Value)),
  usageBytes: optional(field(4, uint64Value)),
  rssBytes: optional(field(5, uint64Value)),
  pageFaults: optional(field(6, uint64Value)),
  majorPageFaults: optional(field(7, uint64Value)),
  psi: optional(field(8, embedded(pressureStats))),
});

const swapUsage = message<SwapUsage>({
  timestamp: field(1, time),
  availableBytes: optional(field(2, uint64Value)),
  usageBytes: optional(field(3, uint64Value)),
});

const ioUsage = message<IoUsage>({ timestamp: field(1, time), psi: optional(field(2, embedded(pressureStats))) });

const containerAttributes = message<ContainerAttributes>({
  id: field(1, string),
  metadata: field(2, embedded(containerMetadata)),
  labels: stringMap(3),
  annotations: stringMap(4),
});

/** CRI v1 `ContainerStats`. */
export const containerStats = message<ContainerStats>({
  attributes: field(1, embedded(containerAttributes)),
  cpu: optional(field(2, embedded(cpuUsage))),
  memory: optional(field(3, embedded(memoryUsage))),
  writableLayer: optional(field(4, embedded(filesystemUsage))),
  swap: optional(field(5, embedded(swapUsage))),
  io: optional(field(6, embedded(ioUsage))),
});

/** CRI v1 `ContainerStatsFilter`. */
export const containerStatsFilter = message<ContainerStatsFilter>({
  id: optional(field(1, string)),
  podSandboxId: optional(field(2, string)),
  labelSelector: optional(stringMap(3)),
});

const networkInterfaceUsage = message<NetworkInterfaceUsage>({
  name: field(1, string),
  rxBytes: optional(field(2, uint64Value)),
  rxErrors: optional(field(3, uint64Value)),
  txBytes: optional(field(4, uint64Value)),
  txErrors: optional(field(5, uint64Value)),
});

const networkUsage = message<NetworkUsage>({
  timestamp: field(1, time),
  defaultInterface: optional(field(2, embedded(networkInterfaceUsage))),
  interfaces: list(3, embedded(networkInterfaceUsage)),
});

const processUsage = message<ProcessUsage>({
  timestamp: field(1, time),
  processCount: optional(field(2, uint64Value)),
});

const podSandboxAttributes = message<PodSandboxAttributes>({
  id: field(1, string),
  metadata: field(2, embedded(podSandboxMetadata)),
  labels: stringMap(3),
  annotations: stringMap(4),
});

const linuxPodSandboxStats = message<Omit<PodSandboxStats, 'attributes'>>({
  cpu: optional(field(1, embedded(cpuUsage))),
  memory: optional(field(2, embedded(memoryUsage))),
  network: optional(field(3, embedded(networkUsage))),
  process: optional(field(4, embedded(processUsage))),
  containers: list(5, embedded(containerStats)),
  io: optional(field(6, embedded(ioUsage))),
});

/** CRI v1 `PodSandboxStats`; the figures lie under `linux`. */
export const podSandboxStats = message<{
  attributes: PodSandboxAttributes;
  linux: Omit<PodSandboxStats, 'attributes'>;
}>({
  attributes: field(1, embedded(podSandboxAttributes)),
  linux: field(2, embedded(linuxPodSandboxStats)),
});

/** CRI v1 `PodSandboxStatsFilter`. */
export const podSandboxStatsFilter = message<PodSandboxStatsFilter>({
  id: optional(field(1, string)),
  labelSelector: optional(stringMap(2)),
});
