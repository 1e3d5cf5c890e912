import type { Nft, Rule } from './nft-json.ts';
import * as nft from './nft-json.ts';
import type { Family } from './nft-json.ts';

/** The table that the proxy owns, in each address family it serves. */
export const tableName = 'kube-proxy';

/** The bit of the packet mark that asks for masquerading. Source: kubelet's and kube-proxy's --iptables-masquerade-bit. */
export const masqueradeBit = 0x4000;

/** What decides the rules that no Service owns. */
export interface LayoutOptions {
  readonly family: Family;
  /** Blocks that pods have addresses from: traffic to a ClusterIP from elsewhere is masqueraded. Empty: nothing is. */
  readonly clusterCIDRs: readonly string[];
  /** Masquerade all traffic to ClusterIPs. */
  readonly masqueradeAll: boolean;
}

const serviceKey = ['addr', 'inet_proto', 'inet_service'] as const;
const nodePortKey = ['inet_proto', 'inet_service'] as const;

/** Sets and maps by name with the types of their keys; `verdict` marks maps to verdicts. */
const sets: Readonly<Record<string, { readonly key: readonly string[]; readonly verdict: boolean }>> = {
  'cluster-ips': { key: ['addr'], verdict: false },
  'nodeport-ips': { key: ['addr'], verdict: false },
  // Pairs of an endpoint's address with itself: traffic of a pod that reached itself through a Service.
  'hairpin-connections': { key: ['addr', 'addr'], verdict: false },
  'service-ips': { key: serviceKey, verdict: true },
  'service-nodeports': { key: nodePortKey, verdict: true },
  'no-endpoint-services': { key: serviceKey, verdict: true },
  'no-endpoint-nodeports': { key: nodePortKey, verdict: true },
  'firewall-ips': { key: serviceKey, verdict: true },
};

/** Chains that the kernel calls: type, hook, priority, and what they do with a packet. Source: upstream's table. */
const hooks: readonly (readonly [name: string, type: string, hook: string, prio: number])[] = [
  ['filter-prerouting-pre-dnat', 'filter', 'prerouting', -110],
  ['filter-output-pre-dnat', 'filter', 'output', -110],
  ['filter-input', 'filter', 'input', 0],
  ['filter-forward', 'filter', 'forward', 0],
  ['filter-output', 'filter', 'output', 0],
  ['nat-prerouting', 'nat', 'prerouting', -100],
  ['nat-output', 'nat', 'output', -100],
  ['nat-postrouting', 'nat', 'postrouting', 100],
];

/** The commands that make the table anew with all that no Service owns, whatever stood there before. */
export function layoutCommands(options: LayoutOptions): Nft[] {
  const table = { family: options.family, name: tableName };
  const of = { family: options.family, table: tableName };
  const rules = Object.entries(layoutRules(options));
  return [
    { add: { table } },
    { delete: { table } },
    { add: { table } },
    ...Object.entries(sets).map(([name, set]) => declareSet(of, name, set)),
    ...hooks.map(([name, type, hook, prio]) => ({
      add: { chain: { ...of, name, type, hook, prio, policy: 'accept' } },
    })),
    ...rules.flatMap(([name]) => (hooks.some((hook) => hook[0] === name) ? [] : [{ add: { chain: { ...of, name } } }])),
    ...rules.flatMap(([chain, list]) => list.map((expr) => ({ add: { rule: { ...of, chain, expr } } }))),
  ];
}

function declareSet(
  of: { family: Family; table: string },
  name: string,
  set: { key: readonly string[]; verdict: boolean },
): Nft {
  const address = of.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const types = set.key.map((type) => (type === 'addr' ? address : type));
  const type = types.length === 1 ? types[0] : types;
  return { add: set.verdict ? { map: { ...of, name, type, map: 'verdict' } } : { set: { ...of, name, type } } };
}

function layoutRules({ family, clusterCIDRs, masqueradeAll }: LayoutOptions): Record<string, readonly Rule[]> {
  const destination = nft.addressOf(family, 'daddr');
  const source = nft.addressOf(family, 'saddr');
  const serviceAddress = nft.concat(destination, nft.l4proto, nft.destinationPort);
  const nodePort = nft.concat(nft.l4proto, nft.destinationPort);
  const toClusterIP = nft.matches(destination, '@cluster-ips');
  const toNode = nft.matches(destination, '@nodeport-ips');
  const outside = clusterCIDRs.map((cidr) => nft.differs(source, nft.prefix(cidr)));
  const masqueraded = masqueradeAll || clusterCIDRs.length > 0;
  return {
    'filter-prerouting-pre-dnat': [[nft.newConnection, nft.jump('firewall-check')]],
    'filter-output-pre-dnat': [[nft.newConnection, nft.jump('firewall-check')]],
    'filter-input': [
      [nft.newConnection, nft.jump('nodeport-endpoints-check')],
      [nft.newConnection, nft.jump('service-endpoints-check')],
    ],
    'filter-forward': [
      [nft.newConnection, nft.jump('service-endpoints-check')],
      [nft.newConnection, nft.jump('cluster-ips-check')],
    ],
    'filter-output': [
      [nft.newConnection, nft.jump('service-endpoints-check')],
      [nft.newConnection, nft.jump('cluster-ips-check')],
    ],
    'nat-prerouting': [[nft.jump('services')]],
    'nat-output': [[nft.jump('services')]],
    'nat-postrouting': [[nft.jump('masquerading')]],
    'firewall-check': [[nft.verdictOf(serviceAddress, 'firewall-ips')]],
    'nodeport-endpoints-check': [[toNode, nft.verdictOf(nodePort, 'no-endpoint-nodeports')]],
    'service-endpoints-check': [[nft.verdictOf(serviceAddress, 'no-endpoint-services')]],
    // Runs after the rewriting: what still goes to a ClusterIP asked for a port that its Service does not have.
    'cluster-ips-check': [[toClusterIP, nft.goto('reject-chain')]],
    services: [
      ...(masqueraded ? [[toClusterIP, ...(masqueradeAll ? [] : outside), nft.jump('mark-for-masquerade')]] : []),
      [nft.verdictOf(serviceAddress, 'service-ips')],
      [toNode, nft.verdictOf(nodePort, 'service-nodeports')],
    ],
    'mark-for-masquerade': [[nft.setMark(masqueradeBit)]],
    masquerading: [
      [nft.matches(nft.concat(source, destination), '@hairpin-connections'), nft.masquerade],
      [nft.unmarked(masqueradeBit), nft.leave],
      [nft.flipMark(masqueradeBit)],
      [nft.masquerade],
    ],
    'reject-chain': [nft.tcpReset, [nft.reject(family)]],
    'drop-chain': [[nft.drop]],
  };
}
