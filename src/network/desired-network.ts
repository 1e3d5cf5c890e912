import { createHash } from 'node:crypto';
import type { Node } from '../api/core/node.ts';
import { formatIP, parseIP, parseNetwork } from '../machinery/ip-address.ts';

/** How pods of different nodes reach each other: encapsulated, or by routes when all nodes share a link. */
export type Backend = 'vxlan' | 'host-gw';

/** The annotations by which nodes tell each other how to reach their pods. Source: flannel. */
export const annotations = {
  backendType: 'flannel.alpha.coreos.com/backend-type',
  backendData: 'flannel.alpha.coreos.com/backend-data',
  publicIP: 'flannel.alpha.coreos.com/public-ip',
  managed: 'flannel.alpha.coreos.com/kube-subnet-manager',
} as const;

/** The VXLAN network identifier, its UDP port and its device. Source: flannel. */
export const vxlan = { id: 1, port: 8472, device: 'flannel.1', overhead: 50 } as const;

/** The bridge that the node's pods hang on. */
export const bridgeDevice = 'cni0';

/** What a node's kernel should hold. */
export interface DesiredNetwork {
  readonly backend: Backend;
  readonly bridge: { readonly mac: string; readonly address: string; readonly mtu: number };
  /** Undefined with host-gw. */
  readonly vxlan:
    | {
        readonly mac: string;
        readonly address: string;
        readonly mtu: number;
        readonly underlay: string;
        readonly local: string;
      }
    | undefined;
  readonly peers: readonly Peer[];
  /** The block of Services; undefined: not known. */
  readonly serviceCIDR: string | undefined;
}

/** Another node, as its annotations describe it. */
export interface Peer {
  readonly podCIDR: string;
  readonly publicIP: string;
  /** Of its vxlan device; '' with host-gw. */
  readonly mac: string;
}

/** The device that carries a node's address. */
export interface Underlay {
  readonly device: string;
  readonly mtu: number;
}

/** This node, as far as its network depends on it. */
export interface LocalNode {
  readonly name: string;
  readonly podCIDR: string;
  readonly address: string;
  readonly backend: Backend;
  readonly underlay: Underlay;
  readonly serviceCIDR?: string | undefined;
}

/** What the kernel of `local` should hold so that its pods reach each other and those of `nodes`. */
export function desiredNetwork(local: LocalNode, nodes: readonly Node[]): DesiredNetwork {
  const { backend, underlay, podCIDR } = local;
  const base = addressAt(podCIDR, 0n);
  const gateway = addressAt(podCIDR, 1n);
  const mtu = podMtu(backend, underlay);
  return {
    backend,
    bridge: { mac: bridgeMac(gateway), address: `${gateway}/${podCIDR.split('/')[1]}`, mtu },
    vxlan:
      backend === 'vxlan'
        ? { mac: vxlanMac(local), address: `${base}/32`, mtu, underlay: underlay.device, local: local.address }
        : undefined,
    serviceCIDR: local.serviceCIDR,
    peers: nodes.flatMap((node) => (node.metadata.name === local.name ? [] : (peerOf(node, backend) ?? []))),
  };
}

/** The largest packet that a pod may send. */
export function podMtu(backend: Backend, underlay: Underlay): number {
  return backend === 'vxlan' ? underlay.mtu - vxlan.overhead : underlay.mtu;
}

/** The annotations under which `local` is found by the others. */
export function annotationsOf(local: Pick<LocalNode, 'name' | 'address' | 'backend'>): Record<string, string> {
  const data = local.backend === 'vxlan' ? { VNI: vxlan.id, VtepMAC: vxlanMac(local) } : null;
  return {
    [annotations.backendData]: JSON.stringify(data),
    [annotations.backendType]: local.backend,
    [annotations.managed]: 'true',
    [annotations.publicIP]: local.address,
  };
}

/** The n-th address of a network. Throws when `cidr` is none. */
export function addressAt(cidr: string, offset: bigint): string {
  const network = parseNetwork(cidr);
  if (network === undefined) throw new Error(`${JSON.stringify(cidr)} is not a network such as 10.244.1.0/24`);
  return formatIP({ family: network.address.family, value: network.address.value + offset });
}

/** Follows the name and address of the node, so that peers need not learn a new one after a restart. */
function vxlanMac(local: Pick<LocalNode, 'name' | 'address'>): string {
  const digest = createHash('sha256').update(`${local.name} ${local.address}`).digest('hex');
  // ee: locally administered, unicast.
  return ['ee', ...(digest.slice(0, 10).match(/../g) ?? [])].join(':');
}

/** Follows the address, as the CNI plug-ins' generated addresses do. */
function bridgeMac(gateway: string): string {
  const octets = gateway.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return ['0a', '58', ...octets].join(':');
}

/** A node that other nodes can reach through the same backend; undefined while it has not said how. */
function peerOf(node: Node, backend: Backend): Peer | undefined {
  const stated = node.metadata.annotations ?? {};
  const podCIDR = node.spec.podCIDR;
  const publicIP = stated[annotations.publicIP];
  if (podCIDR === undefined || parseNetwork(podCIDR)?.address.family !== 4) return undefined;
  if (publicIP === undefined || parseIP(publicIP)?.family !== 4 || stated[annotations.backendType] !== backend)
    return undefined;
  const mac = backend === 'vxlan' ? macIn(stated[annotations.backendData]) : '';
  return mac === undefined ? undefined : { podCIDR, publicIP, mac };
}

function macIn(data: string | undefined): string | undefined {
  const mac = /"VtepMAC"\s*:\s*"([0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5})"/.exec(data ?? '')?.[1];
  return mac?.toLowerCase();
}
