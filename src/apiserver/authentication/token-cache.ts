/** Remembers whom tokens speak for. Source: apiserver's authentication/token/cache. */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { TokenCacheMetrics } from './authentication-metrics.ts';
import type { VerifiedToken } from './token-authenticator.ts';

const remembered = 16_384;

interface Entry<T> {
  readonly answer: T;
  /** Monotonic milliseconds. */
  readonly expires: number;
}

/** Options of a cache. */
export interface TokenCacheOptions<T> {
  readonly clock: Clock;
  /** Milliseconds that an answer is believed which can't tell whether it still holds. */
  readonly ttl: number;
  readonly metrics?: TokenCacheMetrics | undefined;
  /** Finds out; what it throws is not remembered. */
  verify(token: string, audiences: readonly string[]): T | Promise<T>;
}

/**
 * Asks once for as long as an answer holds, and once for all who ask at the same time. Tokens are known by a keyed hash
 * only: neither what is remembered nor the time of a look-up says anything about them.
 */
export class TokenCache<T extends VerifiedToken | undefined> {
  readonly #options: TokenCacheOptions<T>;
  readonly #salt = randomBytes(32).toString('latin1');
  readonly #asking = new Map<string, Promise<T>>();
  /** Two generations: what was not asked for during one is forgotten with it. */
  #entries = new Map<string, Entry<T>>();
  #older = new Map<string, Entry<T>>();

  constructor(options: TokenCacheOptions<T>) {
    this.#options = options;
  }

  /** At once if it is remembered, or known without waiting. Throws what `verify` throws. */
  verify(token: string, audiences: readonly string[]): T | Promise<T> {
    const key = this.#keyOf(token, audiences);
    const { metrics } = this.#options;
    const known = this.#find(key);
    if (known) {
      metrics?.hit();
      return known.answer;
    }
    return metrics ? this.#counted(metrics, () => this.#ask(key, token, audiences)) : this.#ask(key, token, audiences);
  }

  /** A miss, and how long it took. */
  #counted(metrics: TokenCacheMetrics, ask: () => T | Promise<T>): T | Promise<T> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    const end = (): void => metrics.missed((clock.monotonic() - began) / 1000);
    let answer: T | Promise<T>;
    try {
      answer = ask();
    } catch (error) {
      end();
      throw error;
    }
    if (answer instanceof Promise) return answer.finally(end);
    end();
    return answer;
  }

  #ask(key: string, token: string, audiences: readonly string[]): T | Promise<T> {
    const { metrics } = this.#options;
    const asking = this.#asking.get(key);
    if (asking) return metrics ? asking.finally(metrics.waits()) : asking;
    const fetched = metrics?.fetches();
    let answer: T | Promise<T>;
    try {
      answer = this.#options.verify(token, audiences);
    } catch (error) {
      fetched?.(false);
      throw error;
    }
    if (!(answer instanceof Promise)) {
      fetched?.(answer !== undefined);
      return answer;
    }
    const pending = answer.then(
      (found) => {
        this.#asking.delete(key);
        fetched?.(found !== undefined);
        return this.#remember(key, found);
      },
      (error: unknown) => {
        this.#asking.delete(key);
        fetched?.(false);
        throw error;
      },
    );
    this.#asking.set(key, pending);
    return pending;
  }

  #find(key: string): Entry<T> | undefined {
    const entry = this.#entries.get(key) ?? this.#older.get(key);
    if (!entry) return undefined;
    const { answer, expires } = entry;
    const holds = answer?.isCurrent ? answer.isCurrent() : this.#options.clock.monotonic() < expires;
    if (!holds) {
      this.#entries.delete(key);
      this.#older.delete(key);
      return undefined;
    }
    if (!this.#entries.has(key)) this.#put(key, entry);
    return entry;
  }

  #remember(key: string, answer: T): T {
    const { clock, ttl } = this.#options;
    if (answer?.isCurrent !== undefined || ttl > 0) this.#put(key, { answer, expires: clock.monotonic() + ttl });
    return answer;
  }

  #put(key: string, entry: Entry<T>): void {
    if (this.#entries.size >= remembered) {
      this.#older = this.#entries;
      this.#entries = new Map();
    }
    this.#entries.set(key, entry);
  }

  /** Lengths stand before the parts, so that no two askings look the same. */
  #keyOf(token: string, audiences: readonly string[]): string {
    let text = `${this.#salt}${token.length}:${token}`;
    for (const audience of audiences) text += `${audience.length}:${audience}`;
    return hash('sha256', text, 'base64');
  }
}
