import type { Node } from '../../api/core/node.ts';
import { StatusError } from '../../base/errors.ts';
import { addressesOf, nodeAddressFault, nodeNameFault } from '../../controllers/certificates/node-claims.ts';

/** Who wants to be which node. */
export interface JoinClaims {
  readonly nodeName: string;
  readonly address: string;
  /** Where the request comes from. */
  readonly remoteAddress: string | undefined;
}

/** What the claims are held against. */
export interface JoinClaimsContext {
  readonly nodes: readonly Node[];
  /** Networks of pods and Services. */
  readonly foreignNetworks: readonly string[];
  /** Addresses of API servers. */
  readonly servers: readonly string[];
}

/**
 * Refuses names and addresses that are another's. Every node has the token with which nodes join, so it alone must not
 * suffice to become a node that there is already, or an API server. Throws StatusError.
 */
export function checkJoinClaims(
  { nodeName, address, remoteAddress }: JoinClaims,
  { nodes, foreignNetworks, servers }: JoinClaimsContext,
): void {
  const fault = nodeNameFault(nodeName) ?? nodeAddressFault(address, foreignNetworks);
  if (fault !== undefined) throw new StatusError('BadRequest', fault);
  const from = remoteAddress?.replace(/^::ffff:/, '');
  const known = nodes.find(({ metadata }) => metadata.name === nodeName);
  if (known && !addressesOf(known).includes(from ?? '')) {
    throw new StatusError(
      'Conflict',
      `there is a node ${nodeName} already, and it is another machine than ${from ?? 'the one that asks'}: kubectl delete node ${nodeName} if it is gone for good, or choose another --node-name`,
    );
  }
  const other = nodes.find((node) => node !== known && addressesOf(node).includes(address));
  if (other) {
    const { name } = other.metadata;
    throw new StatusError(
      'Conflict',
      `${address} is the address of the node ${name}: kubectl delete node ${name} if it is gone`,
    );
  }
  if (servers.includes(address) && from !== address)
    throw new StatusError('Conflict', `${address} is the address of an API server: choose another --node-ip`);
}
