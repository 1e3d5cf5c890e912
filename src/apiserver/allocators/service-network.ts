import type { Random } from '../../base/random.ts';
import { formatIP, networkContains, networkSize, parseIP, parseNetwork } from '../../machinery/ip-address.ts';
import type { Network } from '../../machinery/ip-address.ts';

/** More addresses than this are never given out of one network. */
const largest = 2 ** 24;

/** The addresses that Services may have of one network: all but its own and, of IPv4, the broadcast address. */
export class ServiceNetwork {
  readonly cidr: string;
  readonly family: 4 | 6;
  readonly #network: Network;
  readonly #size: number;

  /** Throws when it is no network such as `10.96.0.0/12`. */
  constructor(cidr: string) {
    const network = parseNetwork(cidr);
    if (!network) throw new Error(`the service network ${JSON.stringify(cidr)} is no CIDR such as 10.96.0.0/12`);
    this.cidr = cidr;
    this.#network = network;
    this.family = network.address.family;
    const usable = networkSize(network) - (this.family === 4 ? 2n : 1n);
    if (usable < 1n) throw new Error(`the service network ${cidr} has no room for an address`);
    this.#size = Number(usable > BigInt(largest) ? BigInt(largest) : usable);
  }

  /** The first address of the network. */
  get first(): string {
    return this.#addressOf(0);
  }

  /** Whether a Service could have this address. */
  contains(text: string): boolean {
    const address = parseIP(text);
    if (!address || !networkContains(this.#network, address)) return false;
    const number = Number(address.value - this.#network.address.value) - 1;
    return number >= 0 && number < this.#size;
  }

  /**
   * Every address but the first, which is kept for the Service `kubernetes`, from a random one on. Those that people may pick
   * by hand come last. Source: KEP 3070.
   */
  *candidates(random: Random): Generator<string> {
    const band = staticBand(this.#size);
    for (const [from, to] of [
      [Math.max(1, band), this.#size],
      [1, band],
    ] as const) {
      const length = to - from;
      const start = Math.floor(random.next() * length);
      for (let index = 0; index < length; index++) yield this.#addressOf(from + ((start + index) % length));
    }
  }

  #addressOf(number: number): string {
    const { family, value } = this.#network.address;
    return formatIP({ family, value: value + BigInt(number) + 1n });
  }
}

/** How many numbers of a range are handed out last, so that people may pick them by hand. Source: KEP 3070 and 3668. */
export function staticBand(size: number): number {
  return size <= 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16)));
}
