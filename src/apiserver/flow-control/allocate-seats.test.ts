import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { allocateSeats } from './allocate-seats.ts';
import type { SeatClaim } from './allocate-seats.ts';

const claim = (lower: number, target: number, upper: number): SeatClaim => ({ lower, target, upper });

test.each<[string, number, readonly SeatClaim[], readonly number[] | undefined]>([
  ['nobody', 0, [], []],
  ['in proportion to targets', 30, [claim(0, 10, 100), claim(0, 20, 100)], [10, 20]],
  ['one keeps its least', 30, [claim(20, 20, 100), claim(0, 40, 100)], [20, 10]],
  ['one has all that it may', 30, [claim(0, 20, 5), claim(0, 10, 100)], [5, 25]],
  ['all have their least', 30, [claim(10, 10, 50), claim(20, 90, 95)], [10, 20]],
  ['all have all that they may', 30, [claim(0, 10, 10), claim(0, 10, 20)], [10, 20]],
  ['no target is next to nothing', 10, [claim(0, 0, 100), claim(0, 0, 100)], [5, 5]],
  ['less than the least', 29, [claim(10, 10, 50), claim(20, 90, 95)], undefined],
  ['more than there may be', 31, [claim(0, 10, 10), claim(0, 10, 20)], undefined],
])('%s', (_, sum, claims, expected) => {
  const shares = allocateSeats(sum, claims)?.shares;
  if (expected) expect(shares?.map((share) => Math.round(share * 1e6) / 1e6)).toEqual(expected);
  else expect(shares).toBeUndefined();
});

test('whatever is claimed, each has the same fraction of its target or a bound that it has come to, and nothing is left', () => {
  const random = seededRandom();
  for (let round = 0; round < 300; round++) {
    const claims = Array.from({ length: 1 + Math.floor(random.next() * 8) }, () => {
      const lower = Math.max(0, random.next() * 5 - 1);
      return claim(lower, lower + 2 * random.next(), lower + 3 * random.next());
    });
    const [low, high] = (['lower', 'upper'] as const).map((bound) => claims.reduce((sum, one) => sum + one[bound], 0));
    const sum = low! + (high! - low!) * random.next();
    const { shares, fraction } = allocateSeats(sum, claims)!;
    expect(shares.reduce((all, share) => all + share, 0)).toBeCloseTo(sum, 5);
    claims.forEach(({ lower, upper, target }, index) =>
      expect(shares[index]).toBeCloseTo(Math.max(lower, Math.min(upper, fraction * target)), 5),
    );
  }
});
