/**
 * 64-bit integers. An int is a JavaScript number where that is exact, else a bigint; never both for one value, so
 * `===` compares. Overflows fail with cel-go's words.
 */
import { fail } from './cel-error.ts';

/** An int64: a safe integer, or a bigint beyond. */
export type CelInt = number | bigint;

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);
const maxUint = 2n ** 64n - 1n;
const overflow = 'integer overflow';
const unsignedOverflow = 'unsigned integer overflow';

/** The canonical form of an integer of any size. */
export function canonicalInt(value: bigint): CelInt {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** An int64, or undefined when out of range. */
export function toInt(value: bigint): CelInt | undefined {
  return value >= minInt && value <= maxInt ? canonicalInt(value) : undefined;
}

/** A uint64, or undefined when out of range. */
export function toUint(value: bigint): CelUint | undefined {
  return value >= 0n && value <= maxUint ? new CelUint(value) : undefined;
}

/** An unsigned integer; rare in Kubernetes, so it is the boxed one. */
export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

function checkedInt(value: bigint): CelInt {
  return toInt(value) ?? fail(overflow);
}

/** A uint64 from the exact result of an operation. */
export function checkedUint(value: bigint): CelUint {
  return toUint(value) ?? fail(unsignedOverflow);
}

/** The sum of two ints. */
export function addInts(a: CelInt, b: CelInt): CelInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkedInt(BigInt(a) + BigInt(b));
}

/** The difference of two ints. */
export function subtractInts(a: CelInt, b: CelInt): CelInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkedInt(BigInt(a) - BigInt(b));
}

/** The product of two ints. */
export function multiplyInts(a: CelInt, b: CelInt): CelInt {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // Adding zero turns -0, which no int has, into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkedInt(BigInt(a) * BigInt(b));
}

/** The quotient of two ints, truncated. */
export function divideInts(a: CelInt, b: CelInt): CelInt {
  if (b === 0) fail('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return checkedInt(BigInt(a) / BigInt(b));
}

/** The remainder of two ints, with the sign of the dividend. */
export function remainderInts(a: CelInt, b: CelInt): CelInt {
  if (b === 0) fail('modulus by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  if (b === -1 && a === minInt) fail(overflow);
  return checkedInt(BigInt(a) % BigInt(b));
}

/** The int with the other sign. */
export function negateInt(a: CelInt): CelInt {
  return typeof a === 'number' ? 0 - a : checkedInt(-a);
}

/** The quotient of two uints. */
export function divideUints(a: CelUint, b: CelUint): CelUint {
  return b.value === 0n ? fail('division by zero') : new CelUint(a.value / b.value);
}

/** The remainder of two uints. */
export function remainderUints(a: CelUint, b: CelUint): CelUint {
  return b.value === 0n ? fail('modulus by zero') : new CelUint(a.value % b.value);
}

/** A double as an int, truncated; cel-go refuses the very ends of the range. */
export function doubleToInt(value: number): CelInt {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) fail(overflow);
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}

/** A double as a uint, truncated. */
export function doubleToUint(value: number): CelUint {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) fail(unsignedOverflow);
  return new CelUint(BigInt(Math.trunc(value)));
}

/** Negative, zero or positive; NaN when either is NaN. Numbers and bigints are compared exactly. */
export function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number.isNaN(a) || Number.isNaN(b) ? NaN : 0;
}
