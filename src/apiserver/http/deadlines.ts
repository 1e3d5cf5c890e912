import type { Clock } from '../../base/clock.ts';
import { Crowd } from '../../base/crowd.ts';

/** How much later than asked for a deadline may be noticed, in milliseconds. */
const grain = 250;

/** Deadlines of very many things of which hardly any misses it: those that are close together share a timer. */
export class Deadlines {
  readonly #clock: Clock;
  /** What is to be called, by the moment in units of the grain. */
  readonly #due = new Map<number, Crowd<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back after so many milliseconds, or up to a quarter of a second later, unless disposed before. */
  after(ms: number, callback: () => void): Disposable {
    const now = this.#clock.monotonic();
    const moment = Math.ceil((now + ms) / grain);
    const due = this.#due.get(moment) ?? this.#begin(moment, now);
    return due.add(callback);
  }

  #begin(moment: number, now: number): Crowd<() => void> {
    const due = new Crowd<() => void>();
    this.#due.set(moment, due);
    this.#clock.after(moment * grain - now, () => {
      this.#due.delete(moment);
      for (const callback of due) callback();
    });
    return due;
  }
}
