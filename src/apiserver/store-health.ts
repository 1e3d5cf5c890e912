import type { Clock } from '../base/clock.ts';
import type { Store } from '../store/store.ts';

/** How often a store elsewhere is asked; and one that has not answered, whose return everybody waits for. */
const interval = 5000;
const impatientInterval = 1000;

/** Whether the store answers. One in this process does as long as it is followed; one elsewhere is asked now and then. */
export class StoreHealth {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #timeout: number;
  #failure: unknown;

  constructor({ store, clock, timeout }: { readonly store: Store; readonly clock: Clock; readonly timeout: number }) {
    this.#store = store;
    this.#clock = clock;
    this.#timeout = timeout;
  }

  /** Why the store last did not answer, if so. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Asks until aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const asked = this.#store.revision();
      if (typeof asked === 'number') return;
      this.#failure = await this.#answer(asked);
      const pause = this.#failure === undefined ? interval : impatientInterval;
      await this.#clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  async #answer(asked: Promise<number>): Promise<unknown> {
    const { promise: late, resolve } = Promise.withResolvers<Error>();
    using _timer = this.#clock.after(this.#timeout, () => resolve(new Error(`no answer within ${this.#timeout} ms`)));
    const answered = asked.then(
      () => undefined,
      (error: unknown) => error,
    );
    return Promise.race([answered, late]);
  }
}
