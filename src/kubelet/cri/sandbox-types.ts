import type { ContainerStatus } from './container-types.ts';
import type {
  LinuxResources,
  NamespaceOptions,
  SecurityProfile,
  SELinuxOptions,
  StringMap,
  SupplementalGroupsPolicy,
} from './shared-types.ts';

/** Identifies a sandbox across attempts; name, uid, namespace and attempt together must be unique. */
export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

/** The pod's /etc/resolv.conf. */
export interface DNSConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** A port of the pod that the node forwards to it. */
export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIP?: string | undefined;
}

/** Security of the sandbox itself; privileged must be set here for any container of it to be privileged. */
export interface SandboxSecurityContext {
  readonly namespaceOptions?: NamespaceOptions | undefined;
  readonly selinuxOptions?: SELinuxOptions | undefined;
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  readonly readonlyRootfs?: boolean | undefined;
  readonly supplementalGroups?: readonly number[] | undefined;
  readonly supplementalGroupsPolicy?: SupplementalGroupsPolicy | undefined;
  readonly privileged?: boolean | undefined;
  /** Unset means unconfined. */
  readonly seccomp?: SecurityProfile | undefined;
  readonly apparmor?: SecurityProfile | undefined;
}

/** What only Linux knows of a sandbox. */
export interface LinuxSandboxConfig {
  /** Parent of the pod's cgroups: `/kubepods/…` with the cgroupfs driver, a slice name with systemd's. */
  readonly cgroupParent?: string | undefined;
  readonly securityContext?: SandboxSecurityContext | undefined;
  readonly sysctls?: StringMap | undefined;
  readonly overhead?: LinuxResources | undefined;
  readonly resources?: LinuxResources | undefined;
}

/** All that is needed to make a sandbox. */
export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  /** Empty when the pod uses the node's network. */
  readonly hostname?: string | undefined;
  /** Absolute directory under which each container's `logPath` lies. */
  readonly logDirectory?: string | undefined;
  /** Unset: the node's own resolv.conf. */
  readonly dnsConfig?: DNSConfig | undefined;
  readonly portMappings?: readonly PortMapping[] | undefined;
  readonly labels?: StringMap | undefined;
  readonly annotations?: StringMap | undefined;
  readonly linux?: LinuxSandboxConfig | undefined;
}

/** NotReady: its pause process or its network is gone. */
export type PodSandboxState = 'Ready' | 'NotReady';

/** Selects sandboxes; all given parts must match. */
export interface PodSandboxFilter {
  readonly id?: string | undefined;
  readonly state?: PodSandboxState | undefined;
  readonly labelSelector?: StringMap | undefined;
}

/** A sandbox as a list shows it. Times are milliseconds since the epoch. */
export interface PodSandbox {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly state: PodSandboxState;
  readonly createdAt: number;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly runtimeHandler: string;
}

/** The addresses of a sandbox; `ip` is empty with the node's network. */
export interface SandboxNetworkStatus {
  readonly ip: string;
  readonly additionalIPs: readonly string[];
}

/** A sandbox in full. `containers` and `timestamp` are filled only by runtimes that support evented status. */
export interface PodSandboxStatus extends PodSandbox {
  readonly network: SandboxNetworkStatus | undefined;
  readonly namespaceOptions: NamespaceOptions | undefined;
  readonly containers: readonly ContainerStatus[];
  readonly timestamp: number | undefined;
  /** The runtime's own details; empty unless asked for with `verbose`. */
  readonly info: StringMap;
}
