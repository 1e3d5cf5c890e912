import { clientFlags, logFlags, refusedEverywhere, refusedServing } from './common-flags.ts';
import { boolean, choice, file, hostPort, many, networks, text } from './flag.ts';
import type { FlagValues } from './flag.ts';
import { parseNetwork } from '../../machinery/ip-address.ts';
import type { RefusedFlags } from './parse-flags.ts';

const nodePortAddresses = many<string>({
  value: 'cidr',
  wanted: 'primary, or networks such as 10.0.0.0/8',
  read: (given) => (given === 'primary' || parseNetwork(given) ? given : undefined),
});

const nftablesOnly = 'kubets programs nftables, which every supported kernel has';

/** The flags of `kubets kube-proxy`. */
export const kubeProxyFlags = {
  ...logFlags,
  ...clientFlags,
  config: file('a KubeProxyConfiguration, YAML; flags win over it'),
  'hostname-override': text("name of the node; by default the machine's host name"),
  'proxy-mode': choice(['nftables'], nftablesOnly)('what carries the traffic', 'nftables'),
  'cluster-cidr': networks('addresses of pods: what comes from elsewhere to a ClusterIP is masqueraded'),
  'detect-local-mode': choice(['ClusterCIDR'], 'pods of this node are known by --cluster-cidr')(
    'how traffic of local pods is known',
    'ClusterCIDR',
  ),
  'masquerade-all': boolean('masquerade everything that goes to a Service', false),
  'nodeport-addresses': nodePortAddresses(
    "where node ports are served: primary for the node's own address, or networks in which its addresses lie",
    ['primary'],
  ),
  'healthz-bind-address': hostPort('where /healthz and /livez are served', '0.0.0.0:10256'),
  'metrics-bind-address': hostPort('where /metrics is served', '127.0.0.1:10249'),
  cleanup: boolean("remove the proxy's rules from the kernel, and end", false),
};

/** What flags and configuration file said. */
export type KubeProxyFlags = FlagValues<typeof kubeProxyFlags>;

/** What upstream's kube-proxy takes besides. */
export const refusedKubeProxyFlags: RefusedFlags = {
  ...refusedEverywhere,
  ...refusedServing,
  'iptables-*': nftablesOnly,
  'ipvs-*': nftablesOnly,
  'conntrack-*': 'the limits of connection tracking are left as the kernel has them, but for what rules need',
  'config-sync-period': 'Services are watched',
  'nf-*': nftablesOnly,
  'bind-address-hard-fail': 'a port that can not be had is told in the log: traffic matters more than its report',
  'bind-address': 'node ports are served at --nodeport-addresses',
  'pod-bridge-interface': 'pods of this node are known by --cluster-cidr',
  'pod-interface-name-prefix': 'pods of this node are known by --cluster-cidr',
  'init-only': 'nothing here needs more privileges at start than later',
  'oom-score-adj': 'the proxy keeps the value it was started with',
  'udp-timeout': 'upstream has removed it too',
  'healthz-port': 'use --healthz-bind-address',
  'metrics-port': 'use --metrics-bind-address',
  'proxy-port-range': 'no port of the node is used by the proxy itself',
  'write-config-to': 'write the file of --config by hand: it takes a KubeProxyConfiguration',
};
