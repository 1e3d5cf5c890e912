import { expect, test } from 'vitest';
import { OpenWatches } from './open-watches.ts';

test('a user has at most so many watches open; others are not concerned, and one that ends makes room', () => {
  const watches = new OpenWatches(2);
  const first = watches.open('ann');
  watches.open('ann');
  expect(() => watches.open('ann')).toThrow('Too many requests: "ann" has 2 watches open');
  watches.open('bob');
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  watches.open('ann');
  expect(() => watches.open('ann')).toThrow('2 watches open');
});
