/** What one of several may get. `target` is not below `lower`, nor `upper`. */
export interface SeatClaim {
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
}

/** Shares of a sum; `fraction` is what each that is within its bounds has of its target. */
export interface SeatShares {
  readonly shares: readonly number[];
  readonly fraction: number;
}

/** Below this, targets count as this, so that there is something to be in proportion to. */
const minTarget = 0.001;
const epsilon = 1e-7;

/**
 * Divides `sum` so that each gets the same fraction of its target, or its nearest bound where that is beyond. Undefined when
 * the bounds leave no way. Source: apiserver's computeConcurrencyAllocation.
 */
export function allocateSeats(sum: number, claims: readonly SeatClaim[]): SeatShares | undefined {
  const total = (shares: readonly number[]): number => shares.reduce((all, share) => all + share, 0);
  const at = (fraction: number): number[] =>
    claims.map(({ lower, upper, target }) => Math.max(lower, Math.min(upper, fraction * Math.max(target, minTarget))));
  const bounds = claims.flatMap(({ lower, upper, target }) => {
    const wanted = Math.max(target, minTarget);
    return [lower / wanted, upper / wanted];
  });
  const fractions = [...new Set([0, ...bounds])].sort((a, b) => a - b);
  if (total(at(0)) - sum > epsilon || sum - total(at(fractions.at(-1)!)) > epsilon) return undefined;
  // Between two neighbouring bounds the total grows evenly.
  let [below, above] = [0, 0];
  for (const fraction of fractions) {
    above = fraction;
    if (total(at(above)) >= sum - epsilon) break;
    below = above;
  }
  const [least, most] = [total(at(below)), total(at(above))];
  const fraction = most - least < epsilon ? above : below + ((sum - least) / (most - least)) * (above - below);
  return { shares: at(fraction), fraction };
}
