import type { Clock } from '../base/clock.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import type { StoreEvent } from './store.ts';

/** What the housekeeping works on. */
export interface SqliteHousekeepingOptions {
  readonly database: Pick<SqliteDatabase, 'untilExpiry' | 'expire' | 'removeSuperseded' | 'giveBackPages'>;
  readonly clock: Clock;
  /** Told of keys that were deleted because their time was over. */
  readonly expired: (events: readonly StoreEvent[]) => void;
}

/** Keys that expire within so many milliseconds of each other share a transaction. */
const expiryGrain = 100;
/** The time is noted at least so often while there are keys that expire: a crash lets them live so much longer at most. */
const noteInterval = 60_000;
/** After a failure, such as of a full disk. */
const retryInterval = 5_000;

/**
 * What the store's thread does by itself, in slices of some milliseconds with at least as much time between them, so that
 * writes never wait for long: expiry, removal of what was compacted, giving free pages back to the disk.
 */
export class SqliteHousekeeping implements Disposable {
  readonly #options: SqliteHousekeepingOptions;
  #nextExpiry: Disposable | undefined;
  #nextSlice: Disposable | undefined;
  /** Told when nothing superseded is left. */
  #waiting: ((error?: unknown) => void)[] = [];
  #isRemoving = false;

  constructor(options: SqliteHousekeepingOptions) {
    this.#options = options;
    this.expiriesChanged();
  }

  /** To be called when keys have got an end. */
  expiriesChanged(): void {
    const remaining = this.#options.database.untilExpiry();
    this.#nextExpiry?.[Symbol.dispose]();
    if (remaining !== undefined) this.#expireIn(Math.min(Math.max(remaining, expiryGrain), noteInterval));
  }

  /** To be called when the oldest readable revision has moved; `finished` is told when what nobody can read is gone. */
  compacted(finished: (error?: unknown) => void): void {
    this.#waiting.push(finished);
    this.#isRemoving = true;
    this.#nextSlice?.[Symbol.dispose]();
    this.#slice();
  }

  [Symbol.dispose](): void {
    this.#nextExpiry?.[Symbol.dispose]();
    this.#nextSlice?.[Symbol.dispose]();
    // The rest is removed after the next compaction.
    this.#finish();
  }

  #expireIn(ms: number): void {
    this.#nextExpiry = this.#options.clock.after(ms, () => this.#expire());
  }

  #expire(): void {
    try {
      const events = this.#options.database.expire();
      if (events.length > 0) this.#options.expired(events);
      this.expiriesChanged();
    } catch {
      this.#expireIn(retryInterval);
    }
  }

  #slice(): void {
    const { database, clock } = this.#options;
    const started = clock.monotonic();
    try {
      if (!this.#isRemoving && !database.giveBackPages()) return;
      if (this.#isRemoving && !database.removeSuperseded()) {
        this.#isRemoving = false;
        this.#finish();
      }
    } catch (error) {
      this.#isRemoving = false;
      return this.#finish(error);
    }
    this.#nextSlice = clock.after(clock.monotonic() - started, () => this.#slice());
  }

  #finish(error?: unknown): void {
    for (const finished of this.#waiting.splice(0)) finished(error);
  }
}
