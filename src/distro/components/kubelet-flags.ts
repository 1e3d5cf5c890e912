import { defaultKubeletConfig } from '../../kubelet/kubelet-config.ts';
import { certificateFlags, clientFlags, logFlags, refusedEverywhere, refusedServing } from './common-flags.ts';
import {
  address,
  addresses,
  boolean,
  choice,
  duration,
  file,
  folder,
  integer,
  one,
  pairs,
  port,
  text,
} from './flag.ts';
import type { FlagValues } from './flag.ts';
import { binarySize, evictionThresholds, reservation, taints } from './kubelet-values.ts';
import type { RefusedFlags } from './parse-flags.ts';

const runtimeSocket = one({
  value: 'endpoint',
  wanted: 'the socket of a CRI runtime such as unix:///run/containerd/containerd.sock',
  read: (given) => (/^unix:\/\/\/.+$/.test(given) ? given : /^\/.+$/.test(given) ? `unix://${given}` : undefined),
});

/** The flags of `kubets kubelet`. */
export const kubeletFlags = {
  ...logFlags,
  ...clientFlags,
  ...certificateFlags('/var/lib/kubelet/pki'),
  'bootstrap-kubeconfig': file(
    'names the API server, and an identity that may ask for a certificate; used while --kubeconfig has no valid one, which is then written',
  ),
  'rotate-certificates': boolean('renew the client certificate by requests to the cluster, kept in --cert-dir', false),
  'rotate-server-certificates': boolean(
    'ask the cluster for the serving certificate, and renew it, kept in --cert-dir; somebody must approve the requests',
    false,
  ),
  config: file('a KubeletConfiguration, YAML; flags win over it'),
  'hostname-override': text("name of the node; by default the machine's host name"),
  'node-ip': address("address of the node; by default the machine's own"),
  address: address('where the HTTPS port for logs, exec and metrics listens', '0.0.0.0'),
  port: integer(1, 65_535, 'port')('the HTTPS port for logs, exec and metrics', defaultKubeletConfig.port),
  'healthz-bind-address': address('where the port for /healthz listens', '127.0.0.1'),
  'healthz-port': port('the port for /healthz; 0 serves none', 10_248),
  'client-ca-file': file('authority of the client certificates that are believed, PEM: the API server has one'),
  'root-dir': folder('where volumes and other files of pods lie', '/var/lib/kubelet'),
  'pod-logs-dir': folder("where containers' logs lie", '/var/log/pods'),
  'pod-manifest-path': folder('folder of static pods'),
  'container-runtime-endpoint': runtimeSocket(
    'the socket of the container runtime',
    'unix:///run/containerd/containerd.sock',
  ),
  'pod-infra-container-image': text(
    'image of the process that holds the namespaces of a pod; by default one that is built in and brought into containerd',
  ),
  'cluster-dns': addresses('addresses of cluster DNS, for pods with dnsPolicy ClusterFirst'),
  'cluster-domain': text('domain of cluster DNS', defaultKubeletConfig.clusterDomain),
  'resolv-conf': file('resolver configuration that pods inherit', defaultKubeletConfig.resolvConf),
  'max-pods': integer(1, 10_000)('pods that the node takes', defaultKubeletConfig.maxPods),
  'pod-max-pids': integer(-1, 4_194_304)('processes that a pod may have; -1 sets no limit', -1),
  'register-node': boolean('register the node with the API server', true),
  'register-with-taints': taints('taints that the node is registered with'),
  'node-labels': pairs('labels that the node is registered with'),
  'provider-id': text('what the cloud provider calls the machine'),
  'cgroup-driver': choice(['cgroupfs', 'systemd'])('who makes cgroups; as the container runtime has it', 'cgroupfs'),
  'cgroup-root': text('cgroup under which those of pods lie', '/'),
  'kube-reserved': reservation('held back from pods for Kubernetes itself, such as cpu=100m,memory=200Mi'),
  'system-reserved': reservation('held back from pods for the rest of the system'),
  'eviction-hard': evictionThresholds('below what the node is under pressure', {}),
  'container-log-max-size': binarySize("size at which a container's log is rotated", '10Mi'),
  'container-log-max-files': integer(2, 100)('log files that are kept per container', 5),
  'endpoint-withdrawal-timeout': duration(
    "how long a deleted pod's containers wait, before SIGTERM, until no proxy sends to the pod any more; 0s turns it off",
    defaultKubeletConfig.endpointWithdrawalTimeout,
  ),
};

/** What flags and configuration file said. */
export type KubeletFlags = FlagValues<typeof kubeletFlags>;

const managers = 'cores, memory and devices are not pinned to containers';
const collection = 'images are not collected by the kubelet here; use kubets image rm';

/** What upstream's kubelet takes besides. */
export const refusedKubeletFlags: RefusedFlags = {
  ...refusedEverywhere,
  ...refusedServing,
  'config-dir': 'there is one configuration file, --config',
  'anonymous-auth': 'requests without credentials are always refused',
  'authentication-token-webhook': 'tokens are always checked with the API server',
  'authorization-mode': 'the API server is always asked, as with Webhook',
  'read-only-port': 'there is no port without TLS',
  'container-runtime': 'every runtime is reached by --container-runtime-endpoint',
  'image-service-endpoint': 'images come by --container-runtime-endpoint as well',
  'runtime-request-timeout': 'two minutes, images and waits excepted',
  'runtime-cgroups': 'the runtime keeps its own cgroup',
  'kubelet-cgroups': 'the kubelet stays in the cgroup that it was started in',
  'system-cgroups': 'processes are not moved between cgroups',
  'kube-reserved-cgroup': 'reservations only lower what the node offers',
  'system-reserved-cgroup': 'reservations only lower what the node offers',
  'reserved-*': managers,
  'enforce-node-allocatable': 'reservations only lower what the node offers',
  'cgroups-per-qos': 'pods always lie in cgroups of their QoS class',
  'cpu-manager-*': managers,
  'memory-manager-*': managers,
  'topology-manager-*': managers,
  'cpu-cfs-quota*': 'CPU limits are always enforced, by periods of 100 ms',
  'eviction-*': 'pressure is told by conditions and taints as soon as a threshold of --eviction-hard is crossed',
  'image-gc-*': collection,
  'minimum-image-ttl-duration': collection,
  'minimum-container-ttl-duration': 'a dead container is kept until its successor has died',
  'maximum-dead-containers*': 'a dead container is kept until its successor has died',
  'image-credential-provider-*': 'credentials come from imagePullSecrets',
  'keep-terminated-pod-volumes': 'volumes of pods that have ended are taken down',
  'kernel-memcg-notification': 'memory is looked at periodically',
  'local-storage-capacity-isolation': 'ephemeral storage is not limited',
  'manifest-url*': 'static pods come from --pod-manifest-path',
  'file-check-frequency': '--pod-manifest-path is watched',
  'http-check-frequency': 'static pods come from --pod-manifest-path',
  'sync-frequency': 'pods are looked at when something changes',
  'node-status-*': 'the status is written when it changes, and every five minutes',
  'event-*': 'events that repeat are counted instead of written again',
  'registry-*': 'the container runtime limits its pulls',
  'serialize-image-pulls': 'images are pulled side by side',
  'max-parallel-image-pulls': 'images are pulled side by side',
  'max-open-files': 'the kubelet keeps the limit it was started with',
  'oom-score-adj': 'the kubelet keeps the value it was started with',
  'protect-kernel-defaults': 'kernel parameters are not looked at',
  'make-iptables-util-chains': 'nothing here uses iptables',
  'allowed-unsafe-sysctls': 'unsafe sysctls are refused',
  'seccomp-default': 'pods say what they want by securityContext.seccompProfile',
  'fail-swap-on': 'swap is left as it is: pods do not get any',
  'exit-on-lock-contention': 'two kubelets never share a port',
  'lock-file': 'two kubelets never share a port',
  'enable-server': 'logs and exec need the port',
  'enable-debugging-handlers': 'logs and exec are guarded by RBAC',
  'enable-controller-attach-detach': 'no volume here is attached',
  'volume-*': 'volume plug-ins are built in',
  'streaming-connection-idle-timeout': 'four hours, as upstream',
  'pods-per-core': 'use --max-pods',
  'pod-cidr': 'the API server says it',
  'network-plugin*': 'the container runtime sets up the network, by its CNI configuration',
  'cni-*': 'the container runtime sets up the network, by its CNI configuration',
  'hairpin-mode': 'the CNI configuration says it',
  runonce: 'upstream has removed it too',
  'cadvisor-port': 'upstream has removed it too',
};
