/** The cluster addresses of one network. */
import { formatIP, networkContains, networkSize, parseIP, parseNetwork } from '../../machinery/ip-address.ts';
import type { Network } from '../../machinery/ip-address.ts';
import { NumberPool } from './number-pool.ts';
import type { NumberPoolOptions } from './number-pool.ts';

/** More addresses than this are never given out of one network. */
const largest = 2 ** 24;

/** Addresses as text over a NumberPool; the network's own address and, for IPv4, the broadcast address are left out. */
export class AddressPool {
  readonly cidr: string;
  readonly family: 4 | 6;
  readonly #network: Network;
  readonly #numbers: NumberPool;
  readonly #size: number;

  constructor(cidr: string, options: Omit<NumberPoolOptions, 'size'>) {
    const network = parseNetwork(cidr);
    if (!network) throw new Error(`the service network ${JSON.stringify(cidr)} is no CIDR such as 10.96.0.0/12`);
    this.cidr = cidr;
    this.#network = network;
    this.family = network.address.family;
    const usable = networkSize(network) - (this.family === 4 ? 2n : 1n);
    if (usable < 1n) throw new Error(`the service network ${cidr} has no room for an address`);
    this.#size = Number(usable > BigInt(largest) ? BigInt(largest) : usable);
    this.#numbers = new NumberPool({ ...options, size: this.#size });
  }

  /** The first address of the network. */
  get first(): string {
    return this.#addressOf(0);
  }

  /** Whether the pool could hold an address at all. */
  contains(text: string): boolean {
    return this.#numberOf(text) !== undefined;
  }

  /** Who holds an address. */
  ownerOf(text: string): string | undefined {
    const number = this.#numberOf(text);
    return number === undefined ? undefined : this.#numbers.ownerOf(number);
  }

  /** Whether a request of `owner` under way claims an address. */
  isPending(owner: string): boolean {
    return this.#numbers.pendingOf(owner).length > 0;
  }

  /** Claims a certain address; the holder's name when another has it. */
  claim(text: string, owner: string): { readonly heldBy: string | undefined } {
    const number = this.#numberOf(text);
    if (number === undefined || this.#numbers.claim(number, owner)) return { heldBy: undefined };
    return { heldBy: this.#numbers.ownerOf(number) };
  }

  /** A free address; undefined when there is none. `owner` undefined only looks. */
  allocate(owner: string | undefined): string | undefined {
    const number =
      (owner === undefined ? undefined : this.#numbers.pendingOf(owner)[0]) ?? this.#numbers.allocate(owner);
    return number === undefined ? undefined : this.#addressOf(number);
  }

  /** Takes in which addresses the stored Service has and had; returns those that another Service has too. */
  confirm(owner: string, addresses: readonly string[], previous: readonly string[]): readonly string[] {
    const numbers = (texts: readonly string[]): number[] =>
      texts.map((text) => this.#numberOf(text)).filter((number) => number !== undefined);
    return this.#numbers.confirm(owner, numbers(addresses), numbers(previous)).map((number) => this.#addressOf(number));
  }

  /** Gives an address back. */
  release(text: string, owner: string): void {
    const number = this.#numberOf(text);
    if (number !== undefined) this.#numbers.release(number, owner);
  }

  #numberOf(text: string): number | undefined {
    const address = parseIP(text);
    if (!address || !networkContains(this.#network, address)) return undefined;
    const number = Number(address.value - this.#network.address.value) - 1;
    return number >= 0 && number < this.#size ? number : undefined;
  }

  #addressOf(number: number): string {
    const { family, value } = this.#network.address;
    return formatIP({ family, value: value + BigInt(number) + 1n });
  }
}
