import type { ContainerStatus } from './container-types.ts';
import type { PodSandboxStatus } from './sandbox-types.ts';
import type { StringMap } from './shared-types.ts';

/** Who answers: `containerd`, its version, and the CRI version it speaks. */
export interface RuntimeVersion {
  /** Of the kubelet's runtime API: `0.1.0`. */
  readonly version: string;
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

/** A condition of the runtime; `RuntimeReady` and `NetworkReady` always exist. */
export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

/** A runtime handler (RuntimeClass) and what it can do; the default one's name is empty. */
export interface RuntimeHandler {
  readonly name: string;
  readonly recursiveReadOnlyMounts: boolean;
  readonly userNamespaces: boolean;
}

/** How the runtime is. `handlers` is empty with containerd older than 2.0. */
export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[];
  readonly handlers: readonly RuntimeHandler[];
  readonly supplementalGroupsPolicy: boolean;
  readonly info: StringMap;
}

/** Which of the two drives cgroups. */
export type CgroupDriver = 'systemd' | 'cgroupfs';

/** What happened to a container or sandbox. */
export type ContainerEventType = 'Created' | 'Started' | 'Stopped' | 'Deleted';

/** One event of a container or, when `containerId` is a sandbox's, of a sandbox. */
export interface ContainerEvent {
  readonly containerId: string;
  readonly type: ContainerEventType;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly sandbox: PodSandboxStatus | undefined;
  readonly containers: readonly ContainerStatus[];
}
