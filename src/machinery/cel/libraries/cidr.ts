/** Networks. Source: apiserver's pkg/cel/library/cidr.go, Go's net/netip. */
import type { IPAddress } from '../../ip-address.ts';
import { formatIP, parseIP } from '../../ip-address.ts';
import type { CallCost, Range } from '../call-cost.ts';
import { actualSizeAt, addRanges, exactly, scaleRange, sizeAt, traversalCost, traversalFactor } from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import { celTypes, opaqueType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload as member } from '../library.ts';
import { CelOpaque } from '../values.ts';
import { goQuote } from './go-quote.ts';
import { CelIP, ipType, isMapped, parseIPValue } from './ip.ts';
import { ipProblem } from './ip-problem.ts';
import { nominalCost } from './kubernetes-costs.ts';

/** `net.CIDR`. */
export const cidrType = opaqueType('net.CIDR');

/** A network, with the host bits it was written with. Its size is that of the bytes of its prefix. */
export class CelCIDR extends CelOpaque {
  readonly type = cidrType;
  readonly address: IPAddress;
  readonly bits: number;

  constructor(address: IPAddress, bits: number) {
    super();
    this.address = address;
    this.bits = bits;
  }

  equals({ address, bits }: CelCIDR): boolean {
    return this.bits === bits && this.address.family === address.family && this.address.value === address.value;
  }

  override get size(): number {
    return Math.ceil(this.bits / 8);
  }

  override toJson(): string {
    return `${formatIP(this.address)}/${this.bits}`;
  }
}

const width = ({ family }: IPAddress): number => (family === 4 ? 32 : 128);

/** Whether the first `bits` bits of two addresses are the same. */
function samePrefix(a: IPAddress, b: IPAddress, bits: number): boolean {
  const shift = BigInt(width(a) - bits);
  return a.family === b.family && a.value >> shift === b.value >> shift;
}

/** A network, or what is wrong with the text. */
function tryParse(text: string): CelCIDR | string {
  const quoted = goQuote(text);
  const slash = text.lastIndexOf('/');
  const problem = 'network address parse error during conversion from string: ';
  if (slash < 0) return `${problem}netip.ParsePrefix(${quoted}): no '/'`;
  const [host, length] = [text.slice(0, slash), text.slice(slash + 1)];
  const address = host.includes('%') ? undefined : parseIP(host);
  if (!address) return `${problem}netip.ParsePrefix(${quoted}): ParseAddr(${goQuote(host)}): ${ipProblem(host)}`;
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length))
    return `${problem}netip.ParsePrefix(${quoted}): bad bits after slash: ${goQuote(length)}`;
  if (Number(length) > width(address)) return `${problem}netip.ParsePrefix(${quoted}): prefix length out of range`;
  return isMapped(address) ? `IPv4-mapped IPv6 address ${quoted} is not allowed` : new CelCIDR(address, Number(length));
}

function parse(text: string): CelCIDR {
  const found = tryParse(text);
  return typeof found === 'string'
    ? fail(`network address parse error during conversion from string: ${found}`)
    : found;
}

const containsIP = (network: CelCIDR, { address }: CelIP): boolean =>
  samePrefix(network.address, address, network.bits);
const containsCIDR = (network: CelCIDR, other: CelCIDR): boolean =>
  network.bits <= other.bits && samePrefix(network.address, other.address, network.bits);

function masked({ address, bits }: CelCIDR): CelCIDR {
  const shift = BigInt(width(address) - bits);
  return new CelCIDR({ ...address, value: (address.value >> shift) << shift }, bits);
}

/** The bytes of an address, of either family. */
const addressSize: Range = { min: 4, max: 16 };

/** Comparing two addresses; for a network masking it first; for text reading it too. */
function containsCost({ network, text }: { readonly network: boolean; readonly text: boolean }): CallCost {
  return {
    estimate: (call) => {
      let cost = scaleRange(addRanges(addressSize, addressSize), traversalFactor);
      if (network) cost = addRanges(cost, scaleRange(addressSize, traversalFactor), exactly(1));
      return { cost: text ? addRanges(cost, scaleRange(sizeAt(call, 1), traversalFactor)) : cost };
    },
    actual: (args) => {
      const [size, other] = [actualSizeAt(args, 0), actualSizeAt(args, 1)];
      const masking = network ? Math.ceil(size * traversalFactor) + 1 : 0;
      const reading = text ? Math.ceil(other * traversalFactor) : 0;
      return Math.ceil((size + size) * traversalFactor) + masking + reading;
    },
  };
}

const { string, bool, int } = celTypes;
const parseCost = traversalCost(0);

/** `cidr()` and what can be asked of it. */
export const cidrs: CelLibrary = {
  name: 'cidr',
  types: [cidrType, ipType],
  functions: [
    { name: 'cidr', cost: parseCost, overloads: [globalOverload('string_to_cidr', [string], cidrType, parse)] },
    {
      name: 'isCIDR',
      cost: parseCost,
      overloads: [globalOverload('is_cidr', [string], bool, (text: string) => typeof tryParse(text) !== 'string')],
    },
    {
      name: 'containsIP',
      overloads: [
        member(
          'cidr_contains_ip_string',
          [cidrType, string],
          bool,
          (network: CelCIDR, text: string) => containsIP(network, parseIPValue(text)),
          containsCost({ network: false, text: true }),
        ),
        member(
          'cidr_contains_ip_ip',
          [cidrType, ipType],
          bool,
          containsIP,
          containsCost({ network: false, text: false }),
        ),
      ],
    },
    {
      name: 'containsCIDR',
      overloads: [
        member(
          'cidr_contains_cidr_string',
          [cidrType, string],
          bool,
          (network: CelCIDR, text: string) => containsCIDR(network, parse(text)),
          containsCost({ network: true, text: true }),
        ),
        member(
          'cidr_contains_cidr',
          [cidrType, cidrType],
          bool,
          containsCIDR,
          containsCost({ network: true, text: false }),
        ),
      ],
    },
    {
      name: 'ip',
      overloads: [member('cidr_ip', [cidrType], ipType, ({ address }: CelCIDR) => new CelIP(address), nominalCost)],
    },
    {
      name: 'prefixLength',
      cost: nominalCost,
      overloads: [member('cidr_prefix_length', [cidrType], int, ({ bits }: CelCIDR) => bits)],
    },
    { name: 'masked', cost: nominalCost, overloads: [member('cidr_masked', [cidrType], cidrType, masked)] },
    {
      name: 'string',
      overloads: [globalOverload('cidr_to_string', [cidrType], string, (network: CelCIDR) => network.toJson())],
    },
  ],
};
