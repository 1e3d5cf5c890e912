import { isIP } from 'node:net';

/** A server that answers what the cluster does not know. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
}

/** The name servers of a resolv.conf(5), in order, each once. */
export function nameServers(text: string): readonly Upstream[] {
  const addresses = text.split('\n').flatMap((line) => {
    const [keyword, address = ''] = line.trim().split(/\s+/);
    // A zone, as in fe80::1%eth0, is no part of the address that isIP knows.
    return keyword === 'nameserver' && isIP(address.split('%')[0] ?? '') !== 0 ? [address] : [];
  });
  return [...new Set(addresses)].map((address) => ({ address, port: 53 }));
}
