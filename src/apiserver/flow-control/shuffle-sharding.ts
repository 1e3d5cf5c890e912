import { createHash } from 'node:crypto';

/**
 * Deals a hand of `handSize` different cards out of `deckSize`, 0 to deckSize - 1; the same hash gets the same hand.
 * Source: apiserver's util/shufflesharding.
 */
export function dealHand(hash: bigint, deckSize: number, handSize: number): readonly number[] {
  let rest = hash;
  const remainders = Array.from({ length: handSize }, (_, index) => {
    const left = BigInt(deckSize - index);
    const remainder = Number(rest % left);
    rest /= left;
    return remainder;
  });
  // Each was drawn from the cards that those before it had left.
  return remainders.map((drawn, index) => {
    let card = drawn;
    for (let before = index; before > 0; before--) if (card >= remainders[before - 1]!) card++;
    return card;
  });
}

/** The hash of a flow, of 64 bits: of the name of its schema and of what tells it from the schema's other flows. */
export function flowHash(schema: string, distinguisher: string): bigint {
  return createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readBigUInt64LE();
}
