/** Which addresses the API server may be sent to by its users. Source: apimachinery's util/proxy and util/net. */
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { networkContains, parseIP, parseNetwork } from '../machinery/ip-address.ts';
import type { IPAddress, Network } from '../machinery/ip-address.ts';

/** The machine itself, its neighbours on the wire (the metadata services of clouds among them), and everybody at once. */
const refused: readonly Network[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/127',
  'fe80::/10',
  'ff00::/8',
].map((text) => parseNetwork(text)!);

/** Whether a text is an address that users may be led to; false for names. */
export function isProxyable(text: string): boolean {
  const address = parseIP(text);
  return address !== undefined && !refused.some((network) => networkContains(network, unmapped(address)));
}

/** `::ffff:127.0.0.1` is 127.0.0.1. */
function unmapped({ family, value }: IPAddress): IPAddress {
  return family === 6 && value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family, value };
}

/** What upstream says of other addresses. */
export const addressNotAllowed = 'address not allowed';

/** Node's look-up of names, which fails when one of the addresses is none that users may be led to. */
export const lookupProxyable: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const wrong =
      error ?? (addresses.every(({ address }) => isProxyable(address)) ? null : new Error(addressNotAllowed));
    const [first] = addresses ?? [];
    if (wrong || !first) callback(wrong ?? new Error(`${hostname} has no address`), '');
    else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
