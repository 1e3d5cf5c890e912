import type { Node } from '../../api/core/node.ts';
import { formatIP, networkContains, parseIP, parseNetwork } from '../../machinery/ip-address.ts';
import { nodePrefix } from './request-rules.ts';
import type { RequestFacts } from './request-rules.ts';

/** What the claims of a node are held against. */
export interface ClaimContext {
  readonly nodes: readonly Node[];
  readonly foreignNetworks: readonly string[];
}

/** Addresses of nobody in particular: unspecified, loopback, link-local, multicast. */
const sharedNetworks = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127', 'fe80::/10', 'ff00::/8'];

/**
 * Why a name is none that a node's certificate may be for: the API server is known by it, or every machine is.
 * A certificate of the cluster's authority for such a name would let the node pass for the API server.
 */
export function nodeNameFault(name: string): string | undefined {
  const isTaken = /^(localhost|kubernetes)($|\.)/.test(name) || /(^|\.)svc($|\.)/.test(name);
  return isTaken ? `${name} is no name of a node: others are known by it` : undefined;
}

/** Why an address is none of a node's own; undefined when it may be. */
export function nodeAddressFault(address: string, foreignNetworks: readonly string[]): string | undefined {
  const parsed = parseIP(address);
  if (!parsed) return `${address} is no IP address`;
  const isForeign = [...sharedNetworks, ...foreignNetworks].some((text) => {
    const network = parseNetwork(text);
    return network !== undefined && networkContains(network, parsed);
  });
  return isForeign ? `${address} is no address of a node` : undefined;
}

/**
 * Why a kubelet may not have the serving certificate that it asks for. Its DNS name is the Node's name; its addresses
 * are those of the Node. The kubelet itself reports those, so one that another Node reports as well belongs to neither.
 */
export function nodeServingFault(
  { commonName = '', dnsNames, ipAddresses }: RequestFacts,
  { nodes, foreignNetworks }: ClaimContext,
): string | undefined {
  const name = commonName.slice(nodePrefix.length);
  const node = nodes.find(({ metadata }) => metadata.name === name);
  if (!node) return `there is no node ${name}`;
  const foreign = dnsNames.find((own) => own !== name);
  if (foreign !== undefined) return `${foreign} is not the name of the node`;
  const others = new Set(nodes.filter((one) => one !== node).flatMap(addressesOf));
  const own = new Set(addressesOf(node));
  for (const address of ipAddresses.map(canonical)) {
    if (!own.has(address)) return `${address} is no address of the node`;
    if (others.has(address)) return `${address} is an address of another node too`;
    const fault = nodeAddressFault(address, foreignNetworks);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The IP addresses of a node. */
export function addressesOf({ status }: Node): readonly string[] {
  return (status.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => canonical(address));
}

function canonical(address: string): string {
  const parsed = parseIP(address);
  return parsed ? formatIP(parsed) : address;
}
