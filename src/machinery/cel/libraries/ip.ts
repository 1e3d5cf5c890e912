/** IP addresses. Source: apiserver's pkg/cel/library/ip.go, Go's net/netip. */
import type { IPAddress } from '../../ip-address.ts';
import { formatIP, parseIP } from '../../ip-address.ts';
import { traversalCost } from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import { celTypes, opaqueType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload } from '../library.ts';
import { CelOpaque } from '../values.ts';
import { goQuote } from './go-quote.ts';
import { ipProblem } from './ip-problem.ts';
import { nominalCost } from './kubernetes-costs.ts';

/** `net.IP`. */
export const ipType = opaqueType('net.IP');

/** An address. Its size is that of its bytes. */
export class CelIP extends CelOpaque {
  readonly type = ipType;
  readonly address: IPAddress;

  constructor(address: IPAddress) {
    super();
    this.address = address;
  }

  equals({ address }: CelIP): boolean {
    return this.address.family === address.family && this.address.value === address.value;
  }

  override get size(): number {
    return this.address.family === 4 ? 4 : 16;
  }

  override toJson(): string {
    return formatIP(this.address);
  }
}

/** Whether an address is an IPv4 one written as IPv6, which Kubernetes does not take. */
export function isMapped({ family, value }: IPAddress): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

/** An address, or what is wrong with the text. */
function tryParseIP(text: string): CelIP | string {
  const quoted = goQuote(text);
  const [host = '', zone] = text.split('%', 2);
  const address = parseIP(host);
  const unable = `ParseAddr(${quoted}): ${ipProblem(text)}`;
  if (!address || (zone !== undefined && address.family === 4)) {
    return `IP Address ${quoted} parse error during conversion from string: ${unable}`;
  }
  if (zone !== undefined) return `IP address ${quoted} with zone value is not allowed`;
  if (isMapped(address)) return `IPv4-mapped IPv6 address ${quoted} is not allowed`;
  return new CelIP(address);
}

/** An address; fails when the text is none. */
export function parseIPValue(text: string): CelIP {
  const found = tryParseIP(text);
  return typeof found === 'string' ? fail(found) : found;
}

/** The top `bits` bits of an address. */
const top = ({ family, value }: IPAddress, bits: number): bigint => value >> BigInt((family === 4 ? 32 : 128) - bits);

const isUnspecified = ({ value }: IPAddress): boolean => value === 0n;
const isLoopback = (ip: IPAddress): boolean => (ip.family === 4 ? top(ip, 8) === 127n : ip.value === 1n);
const isMulticast = (ip: IPAddress): boolean => (ip.family === 4 ? top(ip, 4) === 0xen : top(ip, 8) === 0xffn);
const isLinkLocalUnicast = (ip: IPAddress): boolean =>
  ip.family === 4 ? top(ip, 16) === 0xa9fen : top(ip, 10) === 0x3fan;
const isLinkLocalMulticast = (ip: IPAddress): boolean =>
  ip.family === 4 ? top(ip, 24) === 0xe00000n : (top(ip, 16) & 0xff0fn) === 0xff02n;
const isGlobalUnicast = (ip: IPAddress): boolean =>
  !(ip.family === 4 && ip.value === 0xffffffffn) &&
  ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast].some((is) => is(ip));

const { string, bool, int } = celTypes;
const parseCost = traversalCost(0);

const predicate = (name: string, id: string, holds: (ip: IPAddress) => boolean) => ({
  name,
  cost: nominalCost,
  overloads: [memberOverload(id, [ipType], bool, ({ address }: CelIP) => holds(address))],
});

/** `ip()` and what can be asked of it. */
export const ips: CelLibrary = {
  name: 'ip',
  types: [ipType],
  functions: [
    { name: 'ip', overloads: [globalOverload('string_to_ip', [string], ipType, parseIPValue, parseCost)] },
    {
      name: 'isIP',
      cost: parseCost,
      overloads: [globalOverload('is_ip', [string], bool, (text: string) => typeof tryParseIP(text) !== 'string')],
    },
    {
      name: 'ip.isCanonical',
      cost: traversalCost(0, { factor: 2 }),
      overloads: [
        globalOverload(
          'ip_is_canonical',
          [string],
          bool,
          (text: string) => formatIP(parseIPValue(text).address) === text,
        ),
      ],
    },
    {
      name: 'family',
      cost: nominalCost,
      overloads: [memberOverload('ip_family', [ipType], int, ({ address }: CelIP) => address.family)],
    },
    predicate('isUnspecified', 'ip_is_unspecified', isUnspecified),
    predicate('isLoopback', 'ip_is_loopback', isLoopback),
    predicate('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
    predicate('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
    predicate('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
    {
      name: 'string',
      overloads: [globalOverload('ip_to_string', [ipType], string, ({ address }: CelIP) => formatIP(address))],
    },
  ],
};
