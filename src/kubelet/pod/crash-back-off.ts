/** Limits of an exponential delay, ms. */
export interface BackOffLimits {
  readonly initial: number;
  readonly max: number;
}

/** Upstream's limits for crashing containers and failing image pulls. */
export const crashLimits: BackOffLimits = { initial: 10_000, max: 300_000 };

interface Entry {
  delay: number;
  lastUpdate: number;
}

/**
 * Delays that double per key from `initial` to `max`. A key that stayed quiet for twice the maximum starts anew.
 * Source: client-go's flowcontrol.Backoff.
 */
export class BackOff {
  readonly #limits: BackOffLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(limits: BackOffLimits) {
    this.#limits = limits;
  }

  /** How long the key must still wait, counted from `since`; 0 when it may go on. Milliseconds. */
  remaining(key: string, since: number, now: number): number {
    const entry = this.#current(key, now);
    return entry ? Math.max(0, since + entry.delay - now) : 0;
  }

  /** The key's present delay. */
  delay(key: string): number {
    return this.#entries.get(key)?.delay ?? 0;
  }

  /** Counts one more failure. */
  next(key: string, now: number): void {
    const entry = this.#current(key, now);
    const delay = entry ? Math.min(entry.delay * 2, this.#limits.max) : this.#limits.initial;
    this.#entries.set(key, { delay, lastUpdate: now });
  }

  /** Forgets a key. */
  reset(key: string): void {
    this.#entries.delete(key);
  }

  #current(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry && now - entry.lastUpdate <= this.#limits.max * 2 ? entry : undefined;
  }
}
