import { formatIP, networkContains, networkSize, parseNetwork } from '../../machinery/ip-address.ts';
import type { Network } from '../../machinery/ip-address.ts';

/**
 * The first block of `prefix` bits in `cluster` that overlaps none of `taken` (texts like `10.42.1.0/24`); undefined
 * when all are taken. Throws when `cluster` is no network or smaller than a block.
 */
export function freeBlock(cluster: string, prefix: number, taken: readonly string[]): string | undefined {
  const network = parseNetwork(cluster);
  if (!network) throw new Error(`the cluster CIDR ${JSON.stringify(cluster)} is not a network`);
  if (network.prefix > prefix) throw new Error(`the cluster CIDR ${cluster} has no room for blocks of /${prefix}`);
  const blocked = taken.map(parseNetwork).filter((block) => block !== undefined);
  const size = networkSize({ ...network, prefix });
  const count = networkSize(network) / size;
  for (let i = 0n; i < count; i++) {
    const address = { ...network.address, value: network.address.value + i * size };
    const block: Network = { address, prefix };
    const isFree = !blocked.some((other) => networkContains(other, address) || networkContains(block, other.address));
    if (isFree) return `${formatIP(address)}/${prefix}`;
  }
  return undefined;
}
