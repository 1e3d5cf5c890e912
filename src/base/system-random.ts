import type { Random } from './random.ts';

/** The machine's own randomness. The only place that reads it. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => globalThis.crypto.randomUUID(),
};
