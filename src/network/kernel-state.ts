import type { RunCommand } from '../host/run-command.ts';
import { bridgeDevice, vxlan } from './desired-network.ts';

/** A network device with what matters of it. */
export interface Link {
  readonly name: string;
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly isUp: boolean;
  /** IPv4 with prefix length. */
  readonly addresses: readonly string[];
  readonly vxlan:
    | { readonly id: number; readonly local: string; readonly underlay: string; readonly port: number }
    | undefined;
}

/** A route that this project made. */
export interface Route {
  readonly destination: string;
  readonly gateway: string;
  readonly device: string;
}

/** What a node's kernel holds. */
export interface KernelState {
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
  /** Whether there is a way to addresses that no other route leads to. */
  readonly hasDefaultRoute: boolean;
  /** Permanent neighbours and forwarding entries of the vxlan device: address or MAC, and what it leads to. */
  readonly neighbours: ReadonlyMap<string, string>;
  readonly forwarding: ReadonlyMap<string, string>;
}

/** The routing protocol number that marks this project's routes; any number that no daemon uses. */
export const routeProtocol = '107';

/** Reads the kernel's state in the namespace that `run` works in. */
export async function readKernelState(run: RunCommand, signal?: AbortSignal): Promise<KernelState> {
  const read = async (argv: readonly string[]): Promise<unknown> => JSON.parse((await run(argv, { signal })) || '[]');
  const [links, routes, defaults] = await Promise.all([
    read(['ip', '-j', '-d', 'address', 'show']),
    read(['ip', '-j', 'route', 'show', 'proto', routeProtocol]),
    read(['ip', '-j', 'route', 'show', 'default']),
  ]);
  const known = (links as RawLink[]).map(linkOf);
  const hasVxlan = known.some((link) => link.name === vxlan.device);
  const [neighbours, forwarding] = hasVxlan
    ? await Promise.all([
        read(['ip', '-j', 'neigh', 'show', 'dev', vxlan.device, 'nud', 'permanent']),
        read(['bridge', '-j', 'fdb', 'show', 'dev', vxlan.device]),
      ])
    : [[], []];
  return {
    links: known,
    routes: (routes as RawRoute[]).map(({ dst, gateway = '', dev = '' }) => ({
      destination: dst,
      gateway,
      device: dev,
    })),
    hasDefaultRoute: (defaults as RawRoute[]).length > 0,
    neighbours: new Map((neighbours as RawNeighbour[]).map(({ dst, lladdr = '' }) => [dst, lladdr])),
    forwarding: new Map((forwarding as RawForwarding[]).map(({ mac, dst = '' }) => [mac, dst])),
  };
}

/** The device that carries `address`, if any does. */
export function linkWith(state: KernelState, address: string): Link | undefined {
  return state.links.find(
    (link) => link.name !== bridgeDevice && link.addresses.some((a) => a.split('/')[0] === address),
  );
}

interface RawLink {
  readonly ifname: string;
  readonly address?: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly addr_info?: readonly { readonly family?: string; readonly local?: string; readonly prefixlen?: number }[];
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: {
      readonly id?: number;
      readonly local?: string;
      readonly link?: string;
      readonly port?: number;
    };
  };
}
interface RawRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
}
interface RawNeighbour {
  readonly dst: string;
  readonly lladdr?: string;
}
interface RawForwarding {
  readonly mac: string;
  readonly dst?: string;
}

function linkOf(raw: RawLink): Link {
  const kind = raw.linkinfo?.info_kind ?? '';
  const data = raw.linkinfo?.info_data;
  return {
    name: raw.ifname,
    kind,
    mac: raw.address ?? '',
    mtu: raw.mtu,
    isUp: raw.flags.includes('UP'),
    addresses: (raw.addr_info ?? []).flatMap(({ family, local, prefixlen }) =>
      family === 'inet' ? [`${local}/${prefixlen}`] : [],
    ),
    vxlan:
      kind === 'vxlan'
        ? { id: data?.id ?? 0, local: data?.local ?? '', underlay: data?.link ?? '', port: data?.port ?? 0 }
        : undefined,
  };
}
