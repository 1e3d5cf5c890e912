import type { Random } from '../base/random.ts';

/** Exponential delays with jitter: each up to twice `base`, which doubles up to `cap`. Milliseconds. */
export class Backoff {
  readonly #first: number;
  readonly #cap: number;
  readonly #random: Random;
  #failures = 0;

  constructor(options: { readonly first: number; readonly cap: number; readonly random: Random }) {
    this.#first = options.first;
    this.#cap = options.cap;
    this.#random = options.random;
  }

  /** The next delay; grows until `reset`. */
  next(): number {
    const base = Math.min(this.#cap, this.#first * 2 ** this.#failures++);
    return base * (1 + this.#random.next());
  }

  /** Something worked: the next failure starts small. */
  reset(): void {
    this.#failures = 0;
  }
}
