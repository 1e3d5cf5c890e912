/** IP addresses and networks as numbers, without Node's built-ins: the dashboard uses this too. */

/** An address of either family as a number. */
export interface IPAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A network: its first address and the length of its prefix. */
export interface Network {
  readonly address: IPAddress;
  readonly prefix: number;
}

/** Parses a dotted quad (no leading zeros) or an IPv6 address (no zone); undefined when it is neither. */
export function parseIP(text: string): IPAddress | undefined {
  const value = text.includes(':') ? parseIPv6(text) : parseIPv4(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** 4 or 6, or 0 when `text` is no IP address. */
export function ipFamily(text: string): 0 | 4 | 6 {
  return parseIP(text)?.family ?? 0;
}

function parseIPv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => ipv6Groups(half));
  const [head, tail] = groups;
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
  return all.reduce((value, group) => value * 65536n + BigInt(group), 0n);
}

function ipv6Groups(half: string): number[] | undefined {
  if (half === '') return [];
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseIPv4(part) : undefined;
    if (embedded !== undefined) groups.push(Number(embedded >> 16n), Number(embedded & 65535n));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** Parses `address/prefix`; the host bits are cleared. Undefined when malformed. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length = '', extra] = text.split('/');
  const address = parseIP(host);
  if (!address || extra !== undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  const prefix = Number(length);
  if (prefix > bits) return undefined;
  const shift = BigInt(bits - prefix);
  return { address: { family: address.family, value: (address.value >> shift) << shift }, prefix };
}

/** How many addresses a network has. */
export function networkSize(network: Network): bigint {
  return 2n ** BigInt((network.address.family === 4 ? 32 : 128) - network.prefix);
}

/** Whether `address` lies in `network`. */
export function networkContains(network: Network, address: IPAddress): boolean {
  const { address: first } = network;
  return (
    first.family === address.family &&
    address.value >= first.value &&
    address.value < first.value + networkSize(network)
  );
}

/** The canonical text of an address: dotted quad, or RFC 5952 for IPv6. */
export function formatIP(address: IPAddress): string {
  return address.family === 4 ? formatIPv4(address.value) : formatIPv6(address.value);
}

function formatIPv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 65535n).toString(16));
  let [best, length] = [-1, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === '0') end++;
    if (end - start > length) [best, length] = [start, end - start];
  }
  if (best < 0) return groups.join(':');
  return `${groups.slice(0, best).join(':')}::${groups.slice(best + length).join(':')}`;
}
