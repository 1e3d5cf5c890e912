import type { Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that stands still until `advance` moves it; timers fire in order of their time. For tests and simulation. */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  #timers: Timer[] = [];

  /** `start`: wall-clock milliseconds at which the clock stands. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      const abort = (): void => {
        timer[Symbol.dispose]();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  after(ms: number, callback: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire: callback };
    this.#timers.push(timer);
    return { [Symbol.dispose]: () => void (this.#timers = this.#timers.filter((t) => t !== timer)) };
  }

  /** Milliseconds until the earliest timer, or undefined when none waits. */
  get nextTimer(): number | undefined {
    const next = this.#earliest();
    return next && next.at - this.#now;
  }

  /** Moves time forward by `ms`, firing what falls due in order; lets promises settle between timers via `settle`. */
  async advance(ms: number, settle: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let next = this.#earliest(); next && next.at <= target; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next.at);
      const due = next;
      this.#timers = this.#timers.filter((t) => t !== due);
      due.fire();
      await settle();
    }
    this.#now = target;
    await settle();
  }

  #earliest(): Timer | undefined {
    let best: Timer | undefined;
    for (const t of this.#timers) {
      if (!best || t.at < best.at || (t.at === best.at && t.order < best.order)) best = t;
    }
    return best;
  }
}
