import type { Clock } from '../base/clock.ts';

/** Longest timer that platforms take; a later one just comes back early. */
const longestTimer = 2 ** 31 - 1;

/** Options of a `WorkQueue`; delays in milliseconds. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** First delay of `retry`. Default 5. Source: DefaultTypedControllerRateLimiter. */
  readonly baseDelay?: number | undefined;
  /** Longest delay of `retry`. Default 1,000 s. */
  readonly maxDelay?: number | undefined;
}

/**
 * Keys that wait to be worked on. A key is handed out once at a time: adding it while it is worked on hands it out
 * again afterwards, and adding it twice before counts once.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #baseDelay: number;
  readonly #maxDelay: number;
  readonly #ready = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, { readonly at: number; readonly timer: Disposable }>();
  #waiters: (() => void)[] = [];
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#baseDelay = options.baseDelay ?? 5;
    this.#maxDelay = options.maxDelay ?? 1_000_000;
  }

  /** Keys that could be handed out now. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Keys that are ready or being worked on; delayed keys do not count. */
  get busy(): readonly string[] {
    return [...this.#ready, ...this.#processing];
  }

  /** Hands the key out as soon as a worker is free. */
  add(key: string): void {
    if (this.#stopped) return;
    if (this.#processing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#ready.add(key);
    this.#waiters.shift()?.();
  }

  /** Adds the key after `ms`; of several delays for one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped) return;
    if (ms <= 0) return this.add(key);
    const at = this.#clock.monotonic() + ms;
    const present = this.#delayed.get(key);
    if (present && present.at <= at) return;
    present?.timer[Symbol.dispose]();
    const timer = this.#clock.after(Math.min(ms, longestTimer), () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  /** Adds the key after a delay that doubles with each failure in a row. */
  retry(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#maxDelay, this.#baseDelay * 2 ** failures));
  }

  /** The key succeeded: its next failure starts with the shortest delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Failures of the key in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, to be given back with `done`; undefined once the queue has stopped. */
  async take(): Promise<string | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      for (const key of this.#ready) {
        this.#ready.delete(key);
        this.#processing.add(key);
        return key;
      }
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Ends the work on a key that `take` returned. */
  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }

  /** Hands nothing out any more; what is being worked on may finish. */
  stop(): void {
    this.#stopped = true;
    this.#ready.clear();
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    this.#delayed.clear();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
