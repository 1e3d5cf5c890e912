import type {
  AttachRequest,
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStatus,
  ExecRequest,
  ExecSyncRequest,
  ExecSyncResult,
  PortForwardRequest,
} from './container-types.ts';
import type { Image, ImageFsInfo, ImageSpec, ImageStatus, RegistryAuth } from './image-types.ts';
import type { CgroupDriver, ContainerEvent, RuntimeStatus, RuntimeVersion } from './runtime-types.ts';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStatus } from './sandbox-types.ts';
import type { LinuxResources } from './shared-types.ts';
import type { ContainerStats, ContainerStatsFilter, PodSandboxStats, PodSandboxStatsFilter } from './stats-types.ts';

export type * from './container-types.ts';
export type * from './image-types.ts';
export type * from './runtime-types.ts';
export type * from './sandbox-types.ts';
export type * from './shared-types.ts';
export type * from './stats-types.ts';
export type { StopSignal } from './stop-signals.ts';

/** How long the caller waits: until the signal, whose reason the call then rejects with. */
export interface RuntimeCall {
  readonly signal?: AbortSignal | undefined;
}

/** A call whose answer can carry the runtime's own details in `info`. */
export interface VerboseCall extends RuntimeCall {
  readonly verbose?: boolean | undefined;
}

/** Options of `runPodSandbox`: the handler of the pod's RuntimeClass. */
export interface RunPodSandboxCall extends RuntimeCall {
  readonly runtimeHandler?: string | undefined;
}

/** Options of `createContainer`: the config its sandbox was made with. */
export interface CreateContainerCall extends RuntimeCall {
  readonly sandboxConfig: PodSandboxConfig;
}

/** Options of `pullImage`. */
export interface PullImageCall extends RuntimeCall {
  readonly auth?: RegistryAuth | undefined;
  readonly sandboxConfig?: PodSandboxConfig | undefined;
}

/**
 * What runs sandboxes and containers on a node. Shaped as CRI v1, in kubets' own terms: times in milliseconds, absent
 * values undefined. Every method rejects with a `RuntimeError`; an id that does not exist is `NotFound`, except in
 * stop and remove, which are idempotent. A method that the runtime's generation lacks rejects with `Unimplemented`.
 */
export interface ContainerRuntime {
  version(call?: RuntimeCall): Promise<RuntimeVersion>;
  status(call?: VerboseCall): Promise<RuntimeStatus>;
  /** Tells the runtime the node's pod CIDR, for a CNI template. */
  updateRuntimeConfig(config: { readonly podCIDR: string }, call?: RuntimeCall): Promise<void>;
  /** Since containerd 2.1. */
  cgroupDriver(call?: RuntimeCall): Promise<CgroupDriver>;

  /** Makes and starts a sandbox; resolves with its id once its network is up. */
  runPodSandbox(config: PodSandboxConfig, call?: RunPodSandboxCall): Promise<string>;
  /** Kills what still runs in it and takes its network down. */
  stopPodSandbox(podSandboxId: string, call?: RuntimeCall): Promise<void>;
  /** Removes it with its containers, stopping both first when needed. */
  removePodSandbox(podSandboxId: string, call?: RuntimeCall): Promise<void>;
  podSandboxStatus(podSandboxId: string, call?: VerboseCall): Promise<PodSandboxStatus>;
  listPodSandboxes(filter?: PodSandboxFilter, call?: RuntimeCall): Promise<readonly PodSandbox[]>;

  /** Makes a container in a sandbox, not started; resolves with its id. */
  createContainer(podSandboxId: string, config: ContainerConfig, call: CreateContainerCall): Promise<string>;
  startContainer(containerId: string, call?: RuntimeCall): Promise<void>;
  /** Sends its stop signal, and SIGKILL after `timeoutSeconds`; resolves when it has exited. */
  stopContainer(containerId: string, timeoutSeconds: number, call?: RuntimeCall): Promise<void>;
  /** Removes it, killing it first when it runs. Its log file stays. */
  removeContainer(containerId: string, call?: RuntimeCall): Promise<void>;
  listContainers(filter?: ContainerFilter, call?: RuntimeCall): Promise<readonly Container[]>;
  containerStatus(containerId: string, call?: VerboseCall): Promise<ContainerStatus>;
  updateContainerResources(containerId: string, resources: LinuxResources, call?: RuntimeCall): Promise<void>;
  /** Opens the log file anew, after it was renamed. */
  reopenContainerLog(containerId: string, call?: RuntimeCall): Promise<void>;

  /** Runs a command to its end. A command that cannot be started rejects; one that fails has an exit code. */
  execSync(containerId: string, request: ExecSyncRequest, call?: RuntimeCall): Promise<ExecSyncResult>;
  /** The URL at which the streams of a new command can be had, once. */
  exec(request: ExecRequest, call?: RuntimeCall): Promise<string>;
  /** The URL at which the streams of the container's first process can be had, once. */
  attach(request: AttachRequest, call?: RuntimeCall): Promise<string>;
  /** The URL at which connections to the sandbox's ports can be had, once. */
  portForward(request: PortForwardRequest, call?: RuntimeCall): Promise<string>;

  containerStats(containerId: string, call?: RuntimeCall): Promise<ContainerStats>;
  listContainerStats(filter?: ContainerStatsFilter, call?: RuntimeCall): Promise<readonly ContainerStats[]>;
  podSandboxStats(podSandboxId: string, call?: RuntimeCall): Promise<PodSandboxStats>;
  listPodSandboxStats(filter?: PodSandboxStatsFilter, call?: RuntimeCall): Promise<readonly PodSandboxStats[]>;
  /** Events from now on, until the signal. Since containerd 1.7; before, poll the lists. */
  events(call?: RuntimeCall): AsyncIterable<ContainerEvent>;

  listImages(filter?: ImageSpec, call?: RuntimeCall): Promise<readonly Image[]>;
  /** Undefined when the image is not on the node. */
  imageStatus(image: ImageSpec, call?: VerboseCall): Promise<ImageStatus | undefined>;
  /** Resolves with a reference to what was pulled. */
  pullImage(image: ImageSpec, call?: PullImageCall): Promise<string>;
  removeImage(image: ImageSpec, call?: RuntimeCall): Promise<void>;
  imageFsInfo(call?: RuntimeCall): Promise<ImageFsInfo>;
}
