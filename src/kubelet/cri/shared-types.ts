/** Labels or annotations. */
export type StringMap = Readonly<Record<string, string>>;

/** Whose namespace a container joins: its pod's, its own, the node's, or another container's (`targetId`). */
export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET';

/** A range of user or group ids inside a user namespace. */
export interface IdMapping {
  readonly hostId: number;
  readonly containerId: number;
  readonly length: number;
}

/** The pod's user namespace. */
export interface UserNamespace {
  readonly mode: NamespaceMode;
  readonly uids: readonly IdMapping[];
  readonly gids: readonly IdMapping[];
}

/** Which Linux namespaces are used. */
export interface NamespaceOptions {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  /** The container whose PID namespace is joined when `pid` is TARGET. */
  readonly targetId?: string | undefined;
  readonly userNamespace?: UserNamespace | undefined;
}

/** SELinux labels. */
export interface SELinuxOptions {
  readonly user: string;
  readonly role: string;
  readonly type: string;
  readonly level: string;
}

/** A seccomp or AppArmor profile; `localhostRef` names the profile when the type is Localhost. */
export interface SecurityProfile {
  readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  readonly localhostRef?: string | undefined;
}

/** Whether the groups of the image's /etc/group are merged into `supplementalGroups`. */
export type SupplementalGroupsPolicy = 'Merge' | 'Strict';

/** A limit of huge pages of one size (`2MB`, `1GB`), in bytes. */
export interface HugepageLimit {
  readonly pageSize: string;
  readonly limit: number;
}

/** Resources as cgroups express them. An absent number means: not set. */
export interface LinuxResources {
  /** Microseconds. */
  readonly cpuPeriod?: number | undefined;
  /** Microseconds of CPU per period. */
  readonly cpuQuota?: number | undefined;
  readonly cpuShares?: number | undefined;
  /** Bytes. */
  readonly memoryLimit?: number | undefined;
  /** Memory and swap together, bytes. */
  readonly memorySwapLimit?: number | undefined;
  readonly oomScoreAdj?: number | undefined;
  /** A list as cpuset.cpus takes it, such as `0-3,8`. */
  readonly cpusetCpus?: string | undefined;
  readonly cpusetMems?: string | undefined;
  readonly hugepageLimits?: readonly HugepageLimit[] | undefined;
  /** cgroup v2 files and the values written to them. */
  readonly unified?: StringMap | undefined;
}
