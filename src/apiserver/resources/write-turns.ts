import type { Clock } from '../../base/clock.ts';

/**
 * How long a writer waits for those before it (ms). An admission webhook may write the very object that is being written:
 * it must not wait for the request that waits for it.
 */
const patience = 1000;

/**
 * Writers of one object, one after the other. Writes are optimistic; but when one has lost a race, it and those that come
 * meanwhile take turns, so that many writers of one object do not undo each other's work again and again.
 */
export class WriteTurns {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether writers of this object are taking turns. */
  isBusy(key: string): boolean {
    return this.#tails.has(key);
  }

  /** Resolves when it is the caller's turn, or when it has waited long enough; disposing ends the turn. */
  async take(key: string): Promise<Disposable> {
    const before = this.#tails.get(key);
    const { promise: own, resolve: end } = Promise.withResolvers<void>();
    const tail = before ? before.then(() => own) : own;
    this.#tails.set(key, tail);
    if (before) await this.#patiently(before);
    return {
      [Symbol.dispose]: () => {
        end();
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      },
    };
  }

  async #patiently(before: Promise<void>): Promise<void> {
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.after(patience, resolve);
    await Promise.race([before, enough]);
  }
}
