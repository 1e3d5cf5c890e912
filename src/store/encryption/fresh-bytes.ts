import { randomFillSync } from 'node:crypto';

const poolBytes = 4096;
let pool = Buffer.alloc(0);
let used = 0;

/** Random bytes that are never given twice, and are no secret. Drawn many at a time: each draw costs as much as encrypting 300 bytes. */
export function freshBytes(length: number): Buffer {
  if (used + length > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafe(poolBytes));
    used = 0;
  }
  return pool.subarray(used, (used += length));
}
