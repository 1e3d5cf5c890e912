import type { NodePortRange } from './node-port-allocation.ts';
import { staticBand } from './service-network.ts';
import type { Random } from '../../base/random.ts';

/** A set of the ports of a range. */
export class PortSet {
  readonly range: NodePortRange;
  /** The bit at a port's distance from the first says whether it is in. */
  #bits: bigint;

  constructor(range: NodePortRange, bits = 0n) {
    this.range = range;
    this.#bits = bits;
  }

  /** From the big-endian bytes that upstream keeps, of a range that may have been another. */
  static fromBytes(range: NodePortRange, stored: { readonly first: number; readonly data: Uint8Array }): PortSet {
    const hex = Buffer.from(stored.data).toString('hex');
    const bits = hex === '' ? 0n : BigInt(`0x${hex}`);
    const shift = BigInt(stored.first - range.first);
    return new PortSet(range, (shift >= 0n ? bits << shift : bits >> -shift) & ((1n << BigInt(sizeOf(range))) - 1n));
  }

  /** Big-endian, without zeros at the beginning. Source: math/big's Int.Bytes. */
  get bytes(): Buffer {
    const hex = this.#bits === 0n ? '' : this.#bits.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  }

  /** A set of its own with the same ports. */
  copy(): PortSet {
    return new PortSet(this.range, this.#bits);
  }

  equals(other: PortSet): boolean {
    return this.#bits === other.#bits;
  }

  /** Whether a port could be in. */
  covers(port: number): boolean {
    return port >= this.range.first && port <= this.range.last;
  }

  has(port: number): boolean {
    return this.covers(port) && (this.#bits >> BigInt(port - this.range.first)) % 2n === 1n;
  }

  add(port: number): void {
    if (this.covers(port)) this.#bits |= 1n << BigInt(port - this.range.first);
  }

  delete(port: number): void {
    if (this.has(port)) this.#bits ^= 1n << BigInt(port - this.range.first);
  }

  /** The ports that are in. */
  ports(): number[] {
    return [...this.#bits.toString(2)]
      .reverse()
      .flatMap((bit, index) => (bit === '1' ? [this.range.first + index] : []));
  }

  /** A port that is not in, at random; those that people may pick by hand come last. Source: KEP 3668. */
  free(random: Random): number | undefined {
    const size = sizeOf(this.range);
    const band = staticBand(size);
    return this.#freeBetween(band, size, random) ?? this.#freeBetween(0, band, random);
  }

  #freeBetween(from: number, to: number, random: Random): number | undefined {
    const length = to - from;
    const start = Math.floor(random.next() * length);
    for (let index = 0; index < length; index++) {
      const port = this.range.first + from + ((start + index) % length);
      if (!this.has(port)) return port;
    }
    return undefined;
  }
}

function sizeOf({ first, last }: NodePortRange): number {
  return last - first + 1;
}
