import { expect, test } from 'vitest';
import type { Node } from '../api/core/node.ts';
import { annotationsOf, desiredNetwork } from './desired-network.ts';
import type { DesiredNetwork, LocalNode } from './desired-network.ts';
import type { KernelState, Link } from './kernel-state.ts';
import { planNetwork } from './network-plan.ts';

const local = (overrides: Partial<LocalNode> = {}): LocalNode => ({
  name: 'node-1',
  podCIDR: '10.244.0.0/24',
  address: '10.89.0.11',
  backend: 'vxlan',
  underlay: { device: 'eth0', mtu: 1500 },
  ...overrides,
});

function node(name: string, podCIDR: string | undefined, annotations: Record<string, string> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', annotations },
    spec: podCIDR === undefined ? {} : { podCIDR },
    status: { daemonEndpoints: { kubeletEndpoint: {} } } as Node['status'],
  };
}

const two = node('node-2', '10.244.1.0/24', annotationsOf({ name: 'node-2', address: '10.89.0.12', backend: 'vxlan' }));
const macOfTwo = desiredNetwork(local(), [two]).peers[0]!.mac;
const empty: KernelState = {
  links: [],
  routes: [],
  hasDefaultRoute: true,
  neighbours: new Map(),
  forwarding: new Map(),
};

/** The kernel's state once `desired` has been carried out. */
function stateOf(desired: DesiredNetwork): KernelState {
  const link = (
    name: string,
    kind: string,
    wanted: { mac: string; mtu: number; address: string },
    vxlan?: Link['vxlan'],
  ): Link => ({
    name,
    kind,
    mac: wanted.mac,
    mtu: wanted.mtu,
    isUp: true,
    addresses: [wanted.address],
    vxlan,
  });
  const tunnel = desired.vxlan;
  return {
    links: [
      link('cni0', 'bridge', desired.bridge),
      ...(tunnel
        ? [link('flannel.1', 'vxlan', tunnel, { id: 1, port: 8472, local: tunnel.local, underlay: tunnel.underlay })]
        : []),
    ],
    routes: desired.peers.map((peer) => ({
      destination: peer.podCIDR,
      gateway: tunnel ? peer.podCIDR.replace('/24', '') : peer.publicIP,
      device: tunnel ? 'flannel.1' : 'eth0',
    })),
    hasDefaultRoute: true,
    neighbours: new Map(tunnel ? desired.peers.map((peer) => [peer.podCIDR.replace('/24', ''), peer.mac]) : []),
    forwarding: new Map(tunnel ? desired.peers.map((peer) => [peer.mac, peer.publicIP]) : []),
  };
}

test('on a fresh node the bridge, the tunnel and the way to each peer are made', () => {
  const plan = planNetwork(desiredNetwork(local(), [node('node-1', '10.244.0.0/24'), two]), empty);
  expect(plan.ip).toEqual([
    'link add cni0 address 0a:58:0a:f4:00:01 mtu 1450 type bridge',
    'address add 10.244.0.1/24 broadcast + dev cni0',
    'link set dev cni0 up',
    expect.stringMatching(
      /^link add flannel\.1 address ee(:[0-9a-f]{2}){5} mtu 1450 type vxlan id 1 dev eth0 local 10\.89\.0\.11 dstport 8472 nolearning$/,
    ),
    'address add 10.244.0.0/32 dev flannel.1',
    'link set dev flannel.1 up',
    'route replace 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink proto 107',
    `neigh replace 10.244.1.0 lladdr ${macOfTwo} dev flannel.1 nud permanent`,
  ]);
  expect(plan.bridge).toEqual([`fdb replace ${macOfTwo} dev flannel.1 dst 10.89.0.12 self permanent`]);
});

test('a node that is as it should be is left alone', () => {
  for (const backend of ['vxlan', 'host-gw'] as const) {
    const peer = node('node-2', '10.244.1.0/24', annotationsOf({ name: 'node-2', address: '10.89.0.12', backend }));
    const desired = desiredNetwork(local({ backend }), [peer]);
    expect(desired.peers).toHaveLength(1);
    expect(planNetwork(desired, stateOf(desired))).toEqual({ ip: [], bridge: [] });
  }
});

test('a peer that went away leaves no route, neighbour or entry', () => {
  const before = stateOf(desiredNetwork(local(), [two]));
  expect(planNetwork(desiredNetwork(local(), []), before)).toEqual({
    ip: ['route delete 10.244.1.0/24 proto 107', 'neigh delete 10.244.1.0 dev flannel.1'],
    bridge: [`fdb delete ${macOfTwo} dev flannel.1 dst 10.89.0.12 self`],
  });
});

test('a peer that moved to another address changes only its forwarding entry', () => {
  const before = stateOf(desiredNetwork(local(), [two]));
  const moved = node('node-2', '10.244.1.0/24', {
    ...two.metadata.annotations,
    'flannel.alpha.coreos.com/public-ip': '10.89.0.77',
  });
  expect(planNetwork(desiredNetwork(local(), [moved]), before)).toEqual({
    ip: [],
    bridge: [`fdb replace ${macOfTwo} dev flannel.1 dst 10.89.0.77 self permanent`],
  });
});

test('a tunnel on a wrong device is made anew together with what it carried', () => {
  const before = stateOf(desiredNetwork(local({ underlay: { device: 'eth9', mtu: 1500 } }), [two]));
  const plan = planNetwork(desiredNetwork(local(), [two]), before);
  expect(plan.ip[0]).toBe('link delete flannel.1');
  expect(plan.ip).toContain('route replace 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink proto 107');
  expect(plan.bridge).toHaveLength(1);
});

test('switching to host-gw removes the tunnel and routes through the peers themselves', () => {
  const before = stateOf(desiredNetwork(local(), [two]));
  const peer = node(
    'node-2',
    '10.244.1.0/24',
    annotationsOf({ name: 'node-2', address: '10.89.0.12', backend: 'host-gw' }),
  );
  const plan = planNetwork(desiredNetwork(local({ backend: 'host-gw' }), [peer]), before);
  expect(plan.ip).toEqual([
    'link set dev cni0 mtu 1500',
    'link delete flannel.1',
    'route replace 10.244.1.0/24 via 10.89.0.12 proto 107',
  ]);
});

test('an address and a MAC that are wrong on the bridge are put right', () => {
  const desired = desiredNetwork(local(), []);
  const good = stateOf(desired);
  const links = good.links.map((link) =>
    link.name === 'cni0' ? { ...link, mac: 'aa:aa:aa:aa:aa:aa', addresses: ['10.9.0.1/24'], isUp: false } : link,
  );
  expect(planNetwork(desired, { ...good, links }).ip).toEqual([
    'link set dev cni0 address 0a:58:0a:f4:00:01',
    'address delete 10.9.0.1/24 dev cni0',
    'address add 10.244.0.1/24 broadcast + dev cni0',
    'link set dev cni0 up',
  ]);
});

test('peers that have not said how to reach them, or use another backend, are left out', () => {
  const hostGw = node('c', '10.244.3.0/24', annotationsOf({ name: 'c', address: '10.89.0.13', backend: 'host-gw' }));
  const evil = node('d', '10.244.4.0/24', {
    ...two.metadata.annotations,
    'flannel.alpha.coreos.com/public-ip': '1.2.3.4 proto 1',
  });
  const malformed = node('e', '10.244.5.0/24', {
    ...two.metadata.annotations,
    'flannel.alpha.coreos.com/backend-data': '{"VtepMAC":"x"}',
  });
  const nodes = [
    node('a', undefined),
    node('b', '10.244.2.0/24'),
    hostGw,
    evil,
    malformed,
    node('f', 'nonsense', two.metadata.annotations),
  ];
  expect(desiredNetwork(local(), nodes).peers).toEqual([]);
});

test('only a node without a default route gets a way to the Services', () => {
  const desired = desiredNetwork(local({ serviceCIDR: '10.96.0.0/16' }), []);
  const state = stateOf(desired);
  expect(planNetwork(desired, state).ip).toEqual([]);
  const isolated = { ...state, hasDefaultRoute: false };
  expect(planNetwork(desired, isolated).ip).toEqual(['route replace 10.96.0.0/16 dev cni0 proto 107']);
  const routes = [{ destination: '10.96.0.0/16', gateway: '', device: 'cni0' }];
  expect(planNetwork(desired, { ...isolated, routes }).ip).toEqual([]);
  expect(planNetwork(desired, { ...state, routes }).ip).toEqual(['route delete 10.96.0.0/16 proto 107']);
});
