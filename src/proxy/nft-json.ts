import type { Json, JsonObject } from '../base/json.ts';

/** The address family of a table: one table serves one. */
export type Family = 'ip' | 'ip6';

/** One command or object of nft's JSON language. Source: libnftables-json(5). */
export type Nft = JsonObject;

/** One rule: a list of statements. */
export type Rule = readonly Nft[];

/** A field of the packet's network header. */
export const addressOf = (family: Family, field: 'saddr' | 'daddr'): Nft => ({ payload: { protocol: family, field } });

/** The transport protocol of the packet. */
export const l4proto: Nft = { meta: { key: 'l4proto' } };

/** The destination port of the packet, whatever its transport. */
export const destinationPort: Nft = { payload: { protocol: 'th', field: 'dport' } };

/** Several fields as one key. */
export const concat = (...parts: readonly Json[]): Nft => ({ concat: parts });

/** Goes on only when `left` is `right`; `@name` refers to a set. */
export const matches = (left: Json, right: Json): Nft => ({ match: { op: '==', left, right } });

/** Goes on only when `left` differs from `right`. */
export const differs = (left: Json, right: Json): Nft => ({ match: { op: '!=', left, right } });

/** Only the first packet of a connection. */
export const newConnection: Nft = { match: { op: 'in', left: { ct: { key: 'state' } }, right: 'new' } };

/** The packet comes from an address of this node. */
export const fromThisNode: Nft = matches({ fib: { result: 'type', flags: ['saddr'] } }, 'local');

/** Continues in `target` and comes back. */
export const jump = (target: string): Nft => ({ jump: { target } });

/** Continues in `target` for good. */
export const goto = (target: string): Nft => ({ goto: { target } });

/** Looks `key` up in the verdict map `name`. */
export const verdictOf = (key: Json, name: string): Nft => ({ vmap: { key, data: `@${name}` } });

/** An address block, as nft wants it: `10.0.0.0/8` becomes a prefix, a lone address stays. */
export function prefix(cidr: string): Json {
  const [addr = '', len] = cidr.split('/');
  return len === undefined ? addr : { prefix: { addr, len: Number(len) } };
}

/** A uniformly random number below `count`. */
export const randomBelow = (count: number): Nft => ({ numgen: { mode: 'random', mod: count, offset: 0 } });

/** Sets bits of the packet's mark. */
export const setMark = (bits: number): Nft => ({
  mangle: { key: { meta: { key: 'mark' } }, value: { '|': [{ meta: { key: 'mark' } }, bits] } },
});

/** Flips bits of the packet's mark. */
export const flipMark = (bits: number): Nft => ({
  mangle: { key: { meta: { key: 'mark' } }, value: { '^': [{ meta: { key: 'mark' } }, bits] } },
});

/** None of the mark's `bits` is set. */
export const unmarked = (bits: number): Nft => matches({ '&': [{ meta: { key: 'mark' } }, bits] }, 0);

/** Refuses the packet with "port unreachable", which a connecting client sees at once. */
export const reject = (family: Family): Nft => ({
  reject: { type: family === 'ip' ? 'icmp' : 'icmpv6', expr: 'port-unreachable' },
});

/**
 * Answers TCP with a reset. A process of this very node would notice "port unreachable" only when it sends again after
 * a second, since the answer comes while the kernel still holds its socket; and resets are not rate limited.
 */
export const tcpReset: Rule = [
  { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } },
  { reject: { type: 'tcp reset' } },
];

/** Discards the packet. */
export const drop: Nft = { drop: null };

/** Leaves the chain. */
export const leave: Nft = { return: null };

/** Rewrites the source to the outgoing interface's address, at a random port. */
export const masquerade: Nft = { masquerade: { flags: 'fully-random' } };
