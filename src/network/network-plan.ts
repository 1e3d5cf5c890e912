import type { DesiredNetwork, Peer } from './desired-network.ts';
import { addressAt, bridgeDevice, vxlan } from './desired-network.ts';
import type { KernelState, Link, Route } from './kernel-state.ts';
import { routeProtocol } from './kernel-state.ts';

/** Lines for `ip -batch` and then for `bridge -batch`. Both empty: everything is as it should be. */
export interface NetworkPlan {
  readonly ip: readonly string[];
  readonly bridge: readonly string[];
}

/** The changes that lead from `actual` to `desired`, and nothing else. */
export function planNetwork(desired: DesiredNetwork, actual: KernelState): NetworkPlan {
  const tunnel = planVxlan(desired, actual);
  // A tunnel that is made anew has lost its routes, neighbours and entries with its device.
  const left: KernelState = tunnel.isNew
    ? {
        ...actual,
        routes: actual.routes.filter((r) => r.device !== vxlan.device),
        neighbours: new Map(),
        forwarding: new Map(),
      }
    : actual;
  return {
    ip: [
      ...planBridge(desired, actual),
      ...tunnel.lines,
      ...planRoutes(desired, left),
      ...planNeighbours(desired, left),
    ],
    bridge: planForwarding(desired, left),
  };
}

function planBridge({ bridge }: DesiredNetwork, actual: KernelState): string[] {
  const found = actual.links.find((link) => link.name === bridgeDevice);
  const isOurs = found?.kind === 'bridge';
  return [
    ...(found !== undefined && !isOurs ? [`link delete ${bridgeDevice}`] : []),
    // The address is fixed: a bridge without one takes that of a port and changes it as pods come and go.
    ...(isOurs ? [] : [`link add ${bridgeDevice} address ${bridge.mac} mtu ${bridge.mtu} type bridge`]),
    ...settle(bridgeDevice, isOurs ? found : undefined, bridge),
  ];
}

function planVxlan(
  desired: DesiredNetwork,
  actual: KernelState,
): { readonly lines: readonly string[]; readonly isNew: boolean } {
  const found = actual.links.find((link) => link.name === vxlan.device);
  const wanted = desired.vxlan;
  if (wanted === undefined)
    return { lines: found === undefined ? [] : [`link delete ${vxlan.device}`], isNew: found !== undefined };
  const isRight =
    found?.vxlan !== undefined &&
    found.vxlan.id === vxlan.id &&
    found.vxlan.port === vxlan.port &&
    found.vxlan.local === wanted.local &&
    found.vxlan.underlay === wanted.underlay;
  const { id, port, device } = vxlan;
  const type = `type vxlan id ${id} dev ${wanted.underlay} local ${wanted.local} dstport ${port} nolearning`;
  const lines = [
    ...(found !== undefined && !isRight ? [`link delete ${device}`] : []),
    ...(isRight ? [] : [`link add ${device} address ${wanted.mac} mtu ${wanted.mtu} ${type}`]),
    ...settle(device, isRight ? found : undefined, wanted),
  ];
  return { lines, isNew: !isRight };
}

/** Gives a device (undefined: one just made) its MAC, MTU and only address, and switches it on. */
function settle(
  name: string,
  found: Link | undefined,
  wanted: { mac: string; mtu: number; address: string },
): string[] {
  const addresses = found?.addresses ?? [];
  return [
    ...(found !== undefined && found.mac !== wanted.mac ? [`link set dev ${name} address ${wanted.mac}`] : []),
    ...(found !== undefined && found.mtu !== wanted.mtu ? [`link set dev ${name} mtu ${wanted.mtu}`] : []),
    ...addresses
      .filter((address) => address !== wanted.address)
      .map((address) => `address delete ${address} dev ${name}`),
    ...(addresses.includes(wanted.address)
      ? []
      : [`address add ${wanted.address} ${broadcast(wanted.address)}dev ${name}`]),
    ...(found?.isUp === true ? [] : [`link set dev ${name} up`]),
  ];
}

function broadcast(address: string): string {
  return address.endsWith('/32') ? '' : 'broadcast + ';
}

function planRoutes(desired: DesiredNetwork, actual: KernelState): string[] {
  const wanted = [...desired.peers.map((peer) => routeTo(peer, desired)), ...serviceRoute(desired, actual)];
  const same = (a: Route, b: Route): boolean => a.destination === b.destination && a.gateway === b.gateway;
  const missing = wanted.filter((route) => !actual.routes.some((r) => same(r, route)));
  const stale = actual.routes.filter((route) => !wanted.some((w) => w.destination === route.destination));
  return [
    ...stale.map((route) => `route delete ${route.destination} proto ${routeProtocol}`),
    ...missing.map(({ destination, gateway, device }) => {
      if (gateway === '') return `route replace ${destination} dev ${device} proto ${routeProtocol}`;
      const through = device === '' ? '' : ` dev ${device} onlink`;
      return `route replace ${destination} via ${gateway}${through} proto ${routeProtocol}`;
    }),
  ];
}

function routeTo(peer: Peer, { backend }: DesiredNetwork): Route {
  return backend === 'vxlan'
    ? { destination: peer.podCIDR, gateway: addressAt(peer.podCIDR, 0n), device: vxlan.device }
    : { destination: peer.podCIDR, gateway: peer.publicIP, device: '' };
}

/**
 * On a node without a default route the kernel refuses what the node itself sends to a Service before it is rewritten;
 * where the route leads does not matter then.
 */
function serviceRoute({ serviceCIDR }: DesiredNetwork, actual: KernelState): Route[] {
  if (serviceCIDR === undefined || actual.hasDefaultRoute) return [];
  return [{ destination: serviceCIDR, gateway: '', device: bridgeDevice }];
}

function planNeighbours({ backend, peers }: DesiredNetwork, actual: KernelState): string[] {
  if (backend !== 'vxlan') return [];
  const wanted = new Map(peers.map((peer) => [addressAt(peer.podCIDR, 0n), peer.mac]));
  return [
    ...[...actual.neighbours.keys()].filter((a) => !wanted.has(a)).map((a) => `neigh delete ${a} dev ${vxlan.device}`),
    ...[...wanted]
      .filter(([address, mac]) => actual.neighbours.get(address) !== mac)
      .map(([address, mac]) => `neigh replace ${address} lladdr ${mac} dev ${vxlan.device} nud permanent`),
  ];
}

function planForwarding({ backend, peers }: DesiredNetwork, actual: KernelState): string[] {
  if (backend !== 'vxlan') return [];
  const wanted = new Map(peers.map((peer) => [peer.mac, peer.publicIP]));
  return [
    ...[...actual.forwarding]
      .filter(([mac]) => !wanted.has(mac))
      .map(([mac, dst]) => `fdb delete ${mac} dev ${vxlan.device}${dst === '' ? '' : ` dst ${dst}`} self`),
    ...[...wanted]
      .filter(([mac, address]) => actual.forwarding.get(mac) !== address)
      .map(([mac, address]) => `fdb replace ${mac} dev ${vxlan.device} dst ${address} self permanent`),
  ];
}
