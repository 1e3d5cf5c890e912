/** Where a kubelet keeps its files; all absolute. */
export interface KubeletDirectories {
  /** Upstream's `--root-dir`, such as /var/lib/kubelet: `pods/<uid>/…` lies in it. */
  readonly root: string;
  /** Container logs: `<namespace>_<name>_<uid>/<container>/<attempt>.log`. Upstream: /var/log/pods. */
  readonly podLogs: string;
  /** Manifests of static pods; undefined reads none. */
  readonly staticPods?: string | undefined;
}

/** When the node is said to be under pressure. Fractions are of the file system's capacity. */
export interface EvictionThresholds {
  readonly memoryAvailableBytes: number;
  readonly nodefsAvailableFraction: number;
  readonly nodefsInodesFreeFraction: number;
  readonly pidsAvailable: number;
}

/** Upstream's hard eviction defaults; the fraction of the disk is lower, as kubets runs on developers' machines. */
export const defaultEvictionThresholds: EvictionThresholds = {
  memoryAvailableBytes: 100 * 1024 * 1024,
  nodefsAvailableFraction: 0.03,
  nodefsInodesFreeFraction: 0.03,
  pidsAvailable: 100,
};

/** Settings of one kubelet, as its flags and its configuration file give them. */
export interface KubeletConfig {
  readonly nodeName: string;
  /** The node's address, as pods and the API server reach it. */
  readonly nodeIP: string;
  readonly nodeLabels?: Readonly<Record<string, string>> | undefined;
  readonly registerWithTaints?: readonly {
    readonly key: string;
    readonly value?: string | undefined;
    readonly effect: 'NoExecute' | 'NoSchedule' | 'PreferNoSchedule';
  }[];
  readonly registerNode?: boolean | undefined;
  readonly providerID?: string | undefined;
  /** Nameservers of pods with `dnsPolicy: ClusterFirst`. */
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** The resolv.conf that pods inherit. */
  readonly resolvConf: string;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  /** The cgroup under which `kubepods` lies, such as `/` or `/kubets/node-1`. */
  readonly cgroupRoot: string;
  /** Upstream's `--pod-infra-container-image`. */
  readonly pauseImage: string;
  readonly maxPods: number;
  readonly podPidsLimit?: number | undefined;
  /** How long a deleted pod's containers wait for their endpoints to be withdrawn everywhere; ms, 0 turns it off. */
  readonly endpointWithdrawalTimeout: number;
  /** Requests already under way when endpoints are withdrawn get this long; ms. */
  readonly drainPeriod: number;
  readonly containerLogMaxSize: number;
  readonly containerLogMaxFiles: number;
  readonly evictionHard: EvictionThresholds;
  /** Held back from pods, by resource name. */
  readonly reserved?: Readonly<Record<string, string>> | undefined;
  /** Shown as `kubeletVersion`. */
  readonly version: string;
  /** The port that `daemonEndpoints.kubeletEndpoint` names. */
  readonly port: number;
}

/** What is true unless said otherwise. */
export const defaultKubeletConfig = {
  clusterDNS: [],
  clusterDomain: 'cluster.local',
  resolvConf: '/etc/resolv.conf',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: '/',
  pauseImage: 'kubets.local/pause:1',
  maxPods: 110,
  endpointWithdrawalTimeout: 5_000,
  drainPeriod: 200,
  containerLogMaxSize: 10 * 1024 * 1024,
  containerLogMaxFiles: 5,
  evictionHard: defaultEvictionThresholds,
  version: 'v1.36.0+kubets',
  port: 10250,
} as const satisfies Partial<KubeletConfig>;
