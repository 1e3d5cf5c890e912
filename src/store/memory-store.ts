import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { StoreError, compactedError, sizeError } from './store.ts';
import type {
  Store,
  StoreEvent,
  StoreGetOptions,
  StoreList,
  StoreListOptions,
  StoreListener,
  StoreWriteOptions,
  StoredValue,
} from './store.ts';
import { StoreWatchers } from './store-watchers.ts';

interface Version {
  readonly type: StoreEvent['type'];
  readonly value: Uint8Array;
  readonly revision: number;
  /** When it is to be deleted, on the monotonic clock. */
  readonly end: number | undefined;
}

type Change = Pick<StoreEvent, 'type' | 'key' | 'value'>;

/** A timer of Node fires at once when it is longer. */
const longestTimer = 2 ** 31 - 1;

/** A store in memory, for tests and throw-away clusters. */
export class MemoryStore implements Store {
  /** Every version of a key that may still be read, oldest first. */
  readonly #versions = new Map<string, Version[]>();
  readonly #watchers = new StoreWatchers();
  readonly #clock: Clock;
  /** What waits to delete a key whose time is limited. */
  readonly #timers = new Map<string, Disposable>();
  #sortedKeys: readonly string[] | undefined;
  #log: StoreEvent[] = [];
  #revision = 0;
  #compacted = 0;

  constructor({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = clock;
  }

  revision(): number {
    return this.#revision;
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<StoredValue | undefined> {
    options.signal?.throwIfAborted();
    const version = this.#at(key, this.#readable(options.revision));
    return version && { key, value: version.value, revision: version.revision };
  }

  async list(prefix: string, options: StoreListOptions = {}): Promise<StoreList> {
    options.signal?.throwIfAborted();
    const revision = this.#readable(options.revision);
    this.#sortedKeys ??= [...this.#versions.keys()].sort();
    const found: StoredValue[] = [];
    for (const key of this.#sortedKeys) {
      if (!key.startsWith(prefix) || key <= (options.after ?? '')) continue;
      const version = this.#at(key, revision);
      if (version)
        found.push({ key, value: version.value, revision: version.revision, ...this.#ttlOf(version, options) });
    }
    const items = found.slice(0, options.limit ?? found.length);
    return { items, revision, remaining: options.counted === false ? 0 : found.length - items.length };
  }

  async create(key: string, value: Uint8Array, options?: StoreWriteOptions): Promise<number> {
    if (this.#newest(key)) throw new StoreError('exists', `key ${key} exists`);
    return this.#put({ type: 'created', key, value, options });
  }

  async update(key: string, value: Uint8Array, expected: number, options?: StoreWriteOptions): Promise<number> {
    this.#expect(key, expected);
    return this.#put({ type: 'updated', key, value, options });
  }

  async delete(key: string, expected?: number): Promise<number> {
    return this.#write({ type: 'deleted', key, value: this.#expect(key, expected).value });
  }

  watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const watcher = this.#watchers.add(options.prefix, listener);
    queueMicrotask(() => {
      if (options.after < this.#compacted) return watcher.fail(compactedError(options.after, this.#compacted));
      watcher.start(this.#log.filter((event) => event.revision > options.after));
    });
    return watcher;
  }

  async compact(revision: number): Promise<void> {
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    if (revision <= this.#compacted) return;
    this.#compacted = revision;
    this.#log = this.#log.filter((event) => event.revision > revision);
    for (const [key, versions] of this.#versions) {
      const kept = versions.findLastIndex((version) => version.revision <= revision);
      if (kept < 0) continue;
      const rest = versions.slice(versions[kept]?.type === 'deleted' ? kept + 1 : kept);
      if (rest.length > 0) this.#versions.set(key, rest);
      else {
        this.#versions.delete(key);
        this.#sortedKeys = undefined;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#watchers.failAll(new StoreError('unavailable', 'the store is closed'));
  }

  #readable(revision = this.#revision): number {
    if (revision < this.#compacted) throw compactedError(revision, this.#compacted);
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    return revision;
  }

  #at(key: string, revision: number): Version | undefined {
    const version = this.#versions.get(key)?.findLast((v) => v.revision <= revision);
    return version?.type === 'deleted' ? undefined : version;
  }

  #ttlOf({ end }: Version, { ttls }: StoreListOptions): { ttl?: number } {
    if (!ttls || end === undefined) return {};
    return { ttl: Math.max(1, Math.ceil((end - this.#clock.monotonic()) / 1000)) };
  }

  #newest(key: string): Version | undefined {
    const version = this.#versions.get(key)?.at(-1);
    return version?.type === 'deleted' ? undefined : version;
  }

  #expect(key: string, expected: number | undefined): Version {
    const current = this.#newest(key);
    if (!current) throw new StoreError('notFound', `key ${key} does not exist`);
    if (expected !== undefined && current.revision !== expected) {
      throw new StoreError('conflict', `key ${key} is at revision ${current.revision}, not ${expected}`);
    }
    return current;
  }

  #put({ options, ...change }: Change & { readonly options: StoreWriteOptions | undefined }): number {
    const { key, value } = change;
    const tooLarge = sizeError(key, value, options);
    if (tooLarge) throw tooLarge;
    const end = options?.ttl === undefined ? undefined : this.#clock.monotonic() + options.ttl * 1000;
    const revision = this.#write({ ...change, end });
    if (end !== undefined) this.#expire(key, end);
    return revision;
  }

  /** Deletes a key at its end, unless it is written before. */
  #expire(key: string, end: number): void {
    const left = end - this.#clock.monotonic();
    const timer = this.#clock.after(Math.min(left, longestTimer), () => {
      if (left > longestTimer) return this.#expire(key, end);
      const current = this.#newest(key);
      if (current) this.#write({ type: 'deleted', key, value: current.value });
    });
    this.#timers.set(key, timer);
  }

  #write({ type, key, value, end }: Change & { readonly end?: number | undefined }): number {
    const revision = ++this.#revision;
    this.#timers.get(key)?.[Symbol.dispose]();
    this.#timers.delete(key);
    const version = { type, value, revision, end };
    const versions = this.#versions.get(key);
    if (versions) versions.push(version);
    else {
      this.#versions.set(key, [version]);
      this.#sortedKeys = undefined;
    }
    const event = { type, key, value, revision };
    this.#log.push(event);
    this.#watchers.dispatch([event]);
    return revision;
  }
}

/** The error for a revision that has not been yet. */
export function futureError(revision: number, newest: number): StoreError {
  return new StoreError('future', `revision ${revision} has not been reached; the newest is ${newest}`);
}
