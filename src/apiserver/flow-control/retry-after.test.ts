import { expect, test } from 'vitest';
import { RetryAfter } from './retry-after.ts';

test('clients are told to wait longer while many are refused, and less as soon as few are', () => {
  const retryAfter = new RetryAfter();
  const told: number[] = [];
  for (let second = 100; second < 112; second++) {
    let seconds = 0;
    for (let refused = 0; refused < 20; refused++) seconds = retryAfter.refuse(second * 1000 + refused);
    told.push(seconds);
  }
  expect(told).toEqual([1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8]);
  const calm = [200, 260, 320, 380, 440, 500, 560, 620].map((second) => retryAfter.refuse(second * 1000));
  expect(calm).toEqual([7, 6, 5, 4, 3, 2, 1, 1]);
});
