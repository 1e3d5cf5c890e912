/** The CRC-32 of bytes that follow one another, out of those of each. Source: RFC 1952; zlib's crc32_combine. */

/** The polynomial, and those of x⁰ and x⁸, with the highest power in the lowest bit. */
const polynomial = 0xedb88320;
const one = 0x80000000;
const shiftedByOneByte = one >>> 8;

/** The checksum of bytes with the checksum `before`, followed by `length` bytes with the checksum `after`. */
export function combinedCrc(before: number, after: number, length: number): number {
  let shift = one;
  let power = shiftedByOneByte;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = product(shift, power);
    power = product(power, power);
  }
  return (product(shift, before) ^ after) >>> 0;
}

/** The product of two polynomials over GF(2), modulo that of CRC-32. */
function product(a: number, b: number): number {
  let sum = 0;
  let factor = b;
  for (let bit = one; bit > 0; bit >>>= 1) {
    if (a & bit) sum ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return sum >>> 0;
}
