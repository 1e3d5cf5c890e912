import type { ImageSpec } from './image-types.ts';
import type {
  IdMapping,
  LinuxResources,
  NamespaceOptions,
  SecurityProfile,
  SELinuxOptions,
  StringMap,
  SupplementalGroupsPolicy,
} from './shared-types.ts';
import type { StopSignal } from './stop-signals.ts';

/** Identifies a container inside its sandbox across restarts. */
export interface ContainerMetadata {
  readonly name: string;
  readonly attempt: number;
}

/** An environment variable. */
export interface EnvVar {
  readonly key: string;
  readonly value: string;
}

/** How mounts made on one side of a mount appear on the other. Source: MountPropagationMode of core/v1. */
export type MountPropagation = 'None' | 'HostToContainer' | 'Bidirectional';

/** A file or folder of the node, or an image, that appears in a container. A missing host path is created as a folder. */
export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly?: boolean | undefined;
  readonly selinuxRelabel?: boolean | undefined;
  readonly propagation?: MountPropagation | undefined;
  readonly uidMappings?: readonly IdMapping[] | undefined;
  readonly gidMappings?: readonly IdMapping[] | undefined;
  readonly recursiveReadOnly?: boolean | undefined;
  readonly image?: ImageSpec | undefined;
  readonly imageSubPath?: string | undefined;
}

/** A device node of the host; `permissions` is a subset of `rwm`. */
export interface Device {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly permissions: string;
}

/** Capabilities, without the `CAP_` prefix; `ALL` stands for every one. */
export interface Capabilities {
  readonly add?: readonly string[] | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly addAmbient?: readonly string[] | undefined;
}

/** Security of one container. */
export interface ContainerSecurityContext {
  readonly capabilities?: Capabilities | undefined;
  readonly privileged?: boolean | undefined;
  readonly namespaceOptions?: NamespaceOptions | undefined;
  readonly selinuxOptions?: SELinuxOptions | undefined;
  readonly runAsUser?: number | undefined;
  /** Needs `runAsUser` or `runAsUsername`. */
  readonly runAsGroup?: number | undefined;
  readonly runAsUsername?: string | undefined;
  readonly readonlyRootfs?: boolean | undefined;
  readonly supplementalGroups?: readonly number[] | undefined;
  readonly supplementalGroupsPolicy?: SupplementalGroupsPolicy | undefined;
  readonly noNewPrivs?: boolean | undefined;
  readonly maskedPaths?: readonly string[] | undefined;
  readonly readonlyPaths?: readonly string[] | undefined;
  /** Unset means unconfined. */
  readonly seccomp?: SecurityProfile | undefined;
  readonly apparmor?: SecurityProfile | undefined;
}

/** What only Linux knows of a container. */
export interface LinuxContainerConfig {
  readonly resources?: LinuxResources | undefined;
  readonly securityContext?: ContainerSecurityContext | undefined;
}

/** All that is needed to make a container. */
export interface ContainerConfig {
  readonly metadata: ContainerMetadata;
  readonly image: ImageSpec;
  /** Replaces the image's entrypoint. */
  readonly command?: readonly string[] | undefined;
  /** Replaces the image's command. */
  readonly args?: readonly string[] | undefined;
  readonly workingDir?: string | undefined;
  readonly envs?: readonly EnvVar[] | undefined;
  readonly mounts?: readonly Mount[] | undefined;
  readonly devices?: readonly Device[] | undefined;
  readonly labels?: StringMap | undefined;
  readonly annotations?: StringMap | undefined;
  /** Relative to the sandbox's `logDirectory`, such as `app/0.log`. */
  readonly logPath?: string | undefined;
  readonly stdin?: boolean | undefined;
  readonly stdinOnce?: boolean | undefined;
  readonly tty?: boolean | undefined;
  readonly linux?: LinuxContainerConfig | undefined;
  /** Names of CDI devices, such as `vendor.com/gpu=gpu0`. */
  readonly cdiDevices?: readonly string[] | undefined;
  readonly stopSignal?: StopSignal | undefined;
}

/** Unknown: the runtime lost track of it. */
export type ContainerState = 'Created' | 'Running' | 'Exited' | 'Unknown';

/** Selects containers; all given parts must match. */
export interface ContainerFilter {
  readonly id?: string | undefined;
  readonly state?: ContainerState | undefined;
  readonly podSandboxId?: string | undefined;
  readonly labelSelector?: StringMap | undefined;
}

/** A container as a list shows it. Times are milliseconds since the epoch. */
export interface Container {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata: ContainerMetadata;
  readonly image: ImageSpec;
  readonly imageRef: string;
  /** Empty with runtimes older than CRI 1.29's. */
  readonly imageId: string;
  readonly state: ContainerState;
  readonly createdAt: number;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/** The user that a container's first process runs as. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups: readonly number[];
}

/** A container in full. Times are milliseconds since the epoch, undefined when not reached yet. */
export interface ContainerStatus {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly exitCode: number;
  readonly image: ImageSpec;
  readonly imageRef: string;
  readonly imageId: string;
  /** Such as `Completed`, `Error`, `OOMKilled`, `StartError`. */
  readonly reason: string;
  readonly message: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly mounts: readonly Mount[];
  /** Absolute. */
  readonly logPath: string;
  readonly resources: LinuxResources | undefined;
  readonly user: ContainerUser | undefined;
  readonly stopSignal: StopSignal | undefined;
  /** The runtime's own details; empty unless asked for with `verbose`. */
  readonly info: StringMap;
}

/** A command to run to its end inside a container. */
export interface ExecSyncRequest {
  readonly command: readonly string[];
  /** Undefined: no limit. Past it the command is killed and the call fails with DeadlineExceeded. */
  readonly timeoutSeconds?: number | undefined;
}

/** What the command left; each output is cut off by the runtime at 16 MiB. */
export interface ExecSyncResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** A command whose streams the caller will connect to. With `tty`, `stderr` must be false. */
export interface ExecRequest {
  readonly containerId: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** The streams of a running container's first process. */
export interface AttachRequest {
  readonly containerId: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Ports of a sandbox to connect to. */
export interface PortForwardRequest {
  readonly podSandboxId: string;
  readonly ports: readonly number[];
}
