import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Node } from '../api/core/node.ts';
import type { RunCommand } from '../host/run-command.ts';
import type { Family } from './nft-json.ts';

/** Where node ports are served: at the node's primary address, or at those of its addresses in the given blocks. */
export type NodePortAddresses = 'primary' | readonly string[];

/** The addresses of this node that serve node ports. Source: kube-proxy's --nodeport-addresses in nftables mode. */
export async function nodePortAddresses(
  wanted: NodePortAddresses,
  node: {
    readonly run: RunCommand;
    readonly family: Family;
    readonly object: Node | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string[]> {
  const isOfFamily = node.family === 'ip' ? isIPv4 : isIPv6;
  if (wanted === 'primary') {
    const internal = node.object?.status.addresses?.filter((address) => address.type === 'InternalIP') ?? [];
    return internal
      .map((address) => address.address)
      .filter(isOfFamily)
      .slice(0, 1);
  }
  const blocks = blockList(wanted);
  const type = node.family === 'ip' ? 'ipv4' : 'ipv6';
  const own = await ownAddresses(node.run, node.signal);
  // nftables mode can't serve loopback: what came from 127.0.0.1 may not leave the node.
  return own.filter((address) => isOfFamily(address) && !isLoopback(address) && blocks.check(address, type)).sort();
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', length] = cidr.split('/');
    const type = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(length ?? (type === 'ipv4' ? 32 : 128)), type);
  }
  return list;
}

async function ownAddresses(run: RunCommand, signal: AbortSignal): Promise<string[]> {
  const links: unknown = JSON.parse(await run(['ip', '-j', 'address', 'show'], { signal }));
  return (links as { addr_info?: { local?: string }[] }[]).flatMap(
    (link) => link.addr_info?.flatMap(({ local }) => local ?? []) ?? [],
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
