import type { BackwardWriter } from '../backward-writer.ts';

/** Writes CBOR from the end to the beginning: contents first, then how many there are. */
export class CborWriter {
  readonly #out: BackwardWriter;

  constructor(out: BackwardWriter) {
    this.#out = out;
  }

  /** What was written, copied out. */
  finish(): Buffer {
    return this.#out.finish();
  }

  /** A type and its argument, the shortest way. */
  head(major: number, argument: number): void {
    const type = major << 5;
    if (argument < 24) this.#out.byte(type | argument);
    else if (argument < 0x100) {
      this.#out.byte(argument);
      this.#out.byte(type | 24);
    } else if (argument < 0x10000) {
      this.#out.uint(argument, 2);
      this.#out.byte(type | 25);
    } else if (argument < 0x100000000) {
      this.#out.uint(argument, 4);
      this.#out.byte(type | 26);
    } else {
      this.#out.uint(argument % 0x100000000, 4);
      this.#out.uint(Math.floor(argument / 0x100000000), 4);
      this.#out.byte(type | 27);
    }
  }

  /** A text, as a byte string. */
  byteString(value: string): void {
    const end = this.#out.position;
    this.#out.text(value);
    this.head(2, this.#out.position - end);
  }

  /** Bytes that JSON shows as base64: tagged, so that readers know. */
  base64(value: string): void {
    const end = this.#out.position;
    this.#out.base64(value);
    this.head(2, this.#out.position - end);
    this.head(6, 22);
  }

  /** false is 20, true 21, null 22. */
  simple(value: 20 | 21 | 22): void {
    this.#out.byte(0xe0 | value);
  }

  /** A number of JSON: whole ones as integers. */
  number(value: number): void {
    if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63 || Object.is(value, -0)) this.float(value);
    else if (value >= 0) this.head(0, value);
    else this.head(1, -1 - value);
  }

  /** An integer that a number can't hold. */
  long(value: bigint): void {
    scratch.writeBigUInt64BE(value < 0n ? -1n - value : value);
    this.#out.bytes(scratch);
    this.#out.byte(value < 0n ? 0x3b : 0x1b);
  }

  /** A float, as short as keeps its value. */
  float(value: number): void {
    const half = halfBits(value);
    if (half !== undefined) {
      this.#out.uint(half, 2);
      this.#out.byte(0xf9);
    } else if (Math.fround(value) === value) {
      scratch.writeFloatBE(value);
      this.#out.bytes(scratch.subarray(0, 4));
      this.#out.byte(0xfa);
    } else {
      scratch.writeDoubleBE(value);
      this.#out.bytes(scratch);
      this.#out.byte(0xfb);
    }
  }
}

const scratch = Buffer.alloc(8);

/** The half-precision form of a number, if there is an exact one. Source: IEEE 754. */
function halfBits(value: number): number | undefined {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === 0) return sign;
  const exponent = Math.floor(Math.log2(size));
  if (exponent > 15 || exponent < -24) return undefined;
  // Below 2^-14 numbers are multiples of 2^-24.
  const fraction = exponent < -14 ? size * 2 ** 24 : (size / 2 ** exponent - 1) * 1024;
  if (!Number.isInteger(fraction)) return undefined;
  return exponent < -14 ? sign | fraction : sign | ((exponent + 15) << 10) | fraction;
}
