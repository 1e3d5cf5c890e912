import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { combinedCrc } from './crc-combination.ts';

test.each([
  ['', ''],
  ['', 'a'],
  ['a', ''],
  ['one', 'two'],
  ['head', 'x'.repeat(1_000_003)],
])('the checksum of two texts follows from theirs', (first, second) => {
  expect(combinedCrc(crc32(first), crc32(second), second.length)).toBe(crc32(first + second));
});
