import type { Clock } from '../base/clock.ts';

/**
 * The time by which keys expire: milliseconds that never go back and that, while the store is open, pass as fast as time
 * does, whatever is done to the machine's clock. The time during which it was closed counts as the clock tells it; a clock that
 * was set back meanwhile makes that nothing, so that no key lives shorter than it was promised because of it.
 */
export class StoreTime {
  readonly #clock: Clock;
  readonly #offset: number;

  /** `noted`: what the time was when it was last noted in the file. */
  constructor(clock: Clock, noted: number) {
    this.#clock = clock;
    this.#offset = Math.max(clock.now(), noted) - clock.monotonic();
  }

  /** Whole milliseconds. */
  now(): number {
    return Math.floor(this.#offset + this.#clock.monotonic());
  }
}
