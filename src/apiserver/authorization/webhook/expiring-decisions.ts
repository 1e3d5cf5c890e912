import type { Clock } from '../../../base/clock.ts';

interface Entry<T> {
  readonly value: T;
  /** Monotonic milliseconds. */
  readonly expires: number;
}

/** Remembers so many answers for so long; those not asked for longest go first. */
export class ExpiringDecisions<T> {
  readonly #clock: Clock;
  readonly #size: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Clock, size: number) {
    this.#clock = clock;
    this.#size = size;
  }

  /** What is remembered and still holds. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.expires <= this.#clock.monotonic()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Remembers an answer for `ttl` milliseconds; for none if that is 0. */
  set(key: string, value: T, ttl: number): void {
    if (ttl <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { value, expires: this.#clock.monotonic() + ttl });
    if (this.#entries.size <= this.#size) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
