import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { dealHand, flowHash } from './shuffle-sharding.ts';

test.each<[bigint, number, number, readonly number[]]>([
  [0n, 6, 6, [0, 1, 2, 3, 4, 5]],
  [5n, 6, 3, [5, 0, 1]],
  // 8 of 9, then 7 of the 8 that are left, and so on: always the last.
  [8n + 9n * 7n + 72n * 6n, 9, 3, [8, 7, 6]],
])('the hash %s deals from %s cards a hand of %s: %s', (hash, deck, size, expected) => {
  expect(dealHand(hash, deck, size)).toEqual(expected);
});

test('a hand has each card once, and every card is dealt about as often', () => {
  const times = Array.from({ length: 128 }, () => 0);
  for (let user = 0; user < 2000; user++) {
    const hand = dealHand(flowHash('global-default', `user-${user}`), 128, 6);
    expect(new Set(hand).size).toBe(6);
    for (const card of hand) times[card]! += 1;
  }
  // 2000 hands of 6 are 94 times each card.
  expect(Math.min(...times)).toBeGreaterThan(55);
  expect(Math.max(...times)).toBeLessThan(140);
});

test('a flow is hashed by its schema and what distinguishes it', () => {
  const digest = createHash('sha256').update(Buffer.from('a\0b')).digest();
  expect(flowHash('a', 'b')).toBe(digest.readBigUInt64LE(0));
  expect(flowHash('a', 'b')).not.toBe(flowHash('b', 'a'));
});
