import { createHash } from 'node:crypto';
import type { Json } from '../base/json.ts';
import type { Family, Nft, Rule } from './nft-json.ts';
import * as nft from './nft-json.ts';
import type { ProxyEndpoint } from './endpoint-selection.ts';
import type { DynamicSet, Element, Piece } from './ruleset-piece.ts';
import type { ServicePort } from './service-port.ts';

/** What the rules of every Service depend on. */
export interface RenderContext {
  readonly family: Family;
  readonly clusterCIDRs: readonly string[];
}

/** The chains and map elements that make one service port work. */
export function renderServicePort(port: ServicePort, context: RenderContext): Piece {
  const names = chainNames(port);
  const chains = new Map<string, readonly Rule[]>();
  const usesLocal = port.internalLocal || port.externalLocal;
  const isExposed = port.nodePort !== undefined || externalAddresses(port).length > 0;
  if (port.cluster.length > 0) chains.set(names.cluster, balancingRules(port, port.cluster, context));
  if (usesLocal && port.local.length > 0) chains.set(names.local, balancingRules(port, port.local, context));
  if (isExposed && port.hasEndpoints) chains.set(names.external, externalRules(port, names, context));
  if (isFiltered(port)) chains.set(names.firewall, firewallRules(port, context));
  const endpoints = reachable(port);
  const sticky = port.affinitySeconds === undefined ? [] : endpoints;
  for (const endpoint of sticky) chains.set(endpointName(port, endpoint), stickyEndpointRules(port, endpoint, context));
  return {
    chains,
    dynamicSets: sticky.map((endpoint) => affinitySet(port, endpoint)),
    elements: [
      ...internalElements(port, names),
      ...externalElements(port, names),
      ...endpoints
        .filter((endpoint) => !endpoint.onOtherNode)
        .map(({ address }) => ({ set: 'hairpin-connections', key: nft.concat(address, address) })),
    ],
  };
}

/** Every endpoint that some chain of the port sends to. */
function reachable(port: ServicePort): readonly ProxyEndpoint[] {
  if (!port.internalLocal && !port.externalLocal) return port.cluster;
  const byKey = new Map([...port.cluster, ...port.local].map((e) => [`${e.address}|${e.port}`, e]));
  return [...byKey.values()];
}

function internalElements(port: ServicePort, names: ChainNames): Element[] {
  const key = nft.concat(port.clusterIP, port.protocol, port.port);
  const usable = port.internalLocal ? port.local : port.cluster;
  const target = port.internalLocal ? names.local : names.cluster;
  const element =
    usable.length > 0
      ? { set: 'service-ips', key, value: nft.goto(target) }
      : { set: 'no-endpoint-services', key, value: unavailable(port) };
  return [{ set: 'cluster-ips', key: port.clusterIP }, element];
}

function externalElements(port: ServicePort, names: ChainNames): Element[] {
  const usable = port.externalLocal ? port.local : port.cluster;
  const offer = (serving: string, missing: string, key: Json): Element[] => [
    ...(port.hasEndpoints ? [{ set: serving, key, value: nft.goto(names.external) }] : []),
    ...(usable.length === 0 ? [{ set: missing, key, value: unavailable(port) }] : []),
  ];
  const keyOf = (address: string): Json => nft.concat(address, port.protocol, port.port);
  return [
    ...externalAddresses(port).flatMap((address) => offer('service-ips', 'no-endpoint-services', keyOf(address))),
    ...(port.nodePort === undefined
      ? []
      : offer('service-nodeports', 'no-endpoint-nodeports', nft.concat(port.protocol, port.nodePort))),
    ...(isFiltered(port)
      ? port.loadBalancerIPs.map((ip) => ({ set: 'firewall-ips', key: keyOf(ip), value: nft.goto(names.firewall) }))
      : []),
  ];
}

/** No endpoint anywhere: refused at once. None on this node, as a Local policy demands: dropped, others may have it. */
function unavailable(port: ServicePort): Nft {
  return nft.goto(port.hasEndpoints ? 'drop-chain' : 'reject-chain');
}

/** Traffic from outside: hides the client's address unless the policy is Local, where only the node's own is hidden. */
function externalRules(port: ServicePort, names: ChainNames, context: RenderContext): Rule[] {
  const masquerade = nft.jump('mark-for-masquerade');
  if (!port.externalLocal) return [[masquerade], [nft.goto(names.cluster)]];
  const source = nft.addressOf(context.family, 'saddr');
  // Pods and this node reach the whole cluster even so: Local is about traffic from outside.
  const inside =
    port.cluster.length === 0
      ? []
      : [
          ...context.clusterCIDRs.map((cidr) => [nft.matches(source, nft.prefix(cidr)), nft.goto(names.cluster)]),
          [nft.fromThisNode, masquerade],
          [nft.fromThisNode, nft.goto(names.cluster)],
        ];
  return [...inside, ...(port.local.length > 0 ? [[nft.goto(names.local)]] : [])];
}

function balancingRules(port: ServicePort, endpoints: readonly ProxyEndpoint[], context: RenderContext): Rule[] {
  const numbered = (value: (endpoint: ProxyEndpoint) => Json): Json => ({
    set: endpoints.map((endpoint, index) => [index, value(endpoint)]),
  });
  const key = nft.randomBelow(endpoints.length);
  if (port.affinitySeconds !== undefined) {
    const source = nft.addressOf(context.family, 'saddr');
    const known = endpoints.map((e) => [
      nft.matches(source, `@${affinitySet(port, e).name}`),
      nft.goto(endpointName(port, e)),
    ]);
    return [...known, [{ vmap: { key, data: numbered((e) => nft.goto(endpointName(port, e))) } }]];
  }
  const [first] = endpoints;
  const transport = nft.matches(nft.l4proto, port.protocol);
  if (first !== undefined && endpoints.every((endpoint) => endpoint.port === first.port)) {
    const addr = endpoints.length === 1 ? first.address : { map: { key, data: numbered((e) => e.address) } };
    return [[transport, { dnat: { addr, port: first.port } }]];
  }
  const addr = { map: { key, data: numbered((e) => nft.concat(e.address, e.port)) } };
  return [[transport, { dnat: { family: context.family, addr } }]];
}

function stickyEndpointRules(port: ServicePort, endpoint: ProxyEndpoint, { family }: RenderContext): Rule[] {
  return [
    [{ set: { op: 'update', elem: nft.addressOf(family, 'saddr'), set: `@${affinitySet(port, endpoint).name}` } }],
    [nft.matches(nft.l4proto, port.protocol), { dnat: { addr: endpoint.address, port: endpoint.port } }],
  ];
}

function firewallRules(port: ServicePort, { family }: RenderContext): Rule[] {
  const source = nft.addressOf(family, 'saddr');
  // One rule per range rather than a set: ranges may overlap, which sets refuse.
  return [...port.sourceRanges.map((cidr) => [nft.matches(source, nft.prefix(cidr)), nft.leave]), [nft.drop]];
}

function isFiltered(port: ServicePort): boolean {
  return port.sourceRanges.length > 0 && port.loadBalancerIPs.length > 0;
}

function externalAddresses(port: ServicePort): readonly string[] {
  return [...new Set([...port.externalIPs, ...port.loadBalancerIPs])];
}

interface ChainNames {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

function chainNames(port: ServicePort): ChainNames {
  const base = baseName(port);
  return {
    cluster: nameWithHash('service', base),
    local: nameWithHash('local', base),
    external: nameWithHash('external', base),
    firewall: nameWithHash('firewall', base),
  };
}

function affinitySet(port: ServicePort, endpoint: ProxyEndpoint): DynamicSet {
  const timeoutSeconds = port.affinitySeconds ?? 0;
  // The timeout is part of the name: the kernel can't change that of a set.
  const base = `${baseName(port)}__${endpoint.address}/${endpoint.port}/${timeoutSeconds}s`;
  return { name: nameWithHash('affinity', base), timeoutSeconds };
}

function endpointName(port: ServicePort, endpoint: ProxyEndpoint): string {
  return nameWithHash('endpoint', `${baseName(port)}__${endpoint.address}/${endpoint.port}`);
}

function baseName(port: ServicePort): string {
  return `${port.namespace}/${port.service}/${port.protocol}/${port.name}`;
}

/** The kernel takes 255 characters; the hash keeps shortened names apart, and comes first so that they stay readable. */
const maxNameLength = 240;

function nameWithHash(prefix: string, base: string): string {
  const hash = createHash('sha256').update(base).digest('hex').slice(0, 8).toUpperCase();
  // nft's scanner knows neither `:` nor a trailing `/` in names.
  const name = `${prefix}-${hash}-${base.replaceAll(':', '.')}`.slice(0, maxNameLength);
  return name.endsWith('/') ? name.slice(0, -1) : name;
}
