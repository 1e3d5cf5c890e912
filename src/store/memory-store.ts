import { StoreError, compactedError } from './store.ts';
import type { Store, StoreEvent, StoreList, StoreListOptions, StoreListener, StoredValue } from './store.ts';
import { StoreWatchers } from './store-watchers.ts';

interface Version {
  readonly type: StoreEvent['type'];
  readonly value: Uint8Array;
  readonly revision: number;
}

/** A store in memory, for tests and throw-away clusters. */
export class MemoryStore implements Store {
  /** Every version of a key that may still be read, oldest first. */
  readonly #versions = new Map<string, Version[]>();
  readonly #watchers = new StoreWatchers();
  #sortedKeys: readonly string[] | undefined;
  #log: StoreEvent[] = [];
  #revision = 0;
  #compacted = 0;

  revision(): number {
    return this.#revision;
  }

  async get(key: string, options: { readonly revision?: number | undefined } = {}): Promise<StoredValue | undefined> {
    return this.#at(key, this.#readable(options.revision));
  }

  async list(prefix: string, options: StoreListOptions = {}): Promise<StoreList> {
    const revision = this.#readable(options.revision);
    this.#sortedKeys ??= [...this.#versions.keys()].sort();
    const found: StoredValue[] = [];
    for (const key of this.#sortedKeys) {
      if (!key.startsWith(prefix) || key <= (options.after ?? '')) continue;
      const value = this.#at(key, revision);
      if (value) found.push(value);
    }
    const items = found.slice(0, options.limit ?? found.length);
    return { items, revision, remaining: options.counted === false ? 0 : found.length - items.length };
  }

  async create(key: string, value: Uint8Array): Promise<number> {
    if (this.#newest(key)) throw new StoreError('exists', `key ${key} exists`);
    return this.#write(key, 'created', value);
  }

  async update(key: string, value: Uint8Array, expected: number): Promise<number> {
    this.#expect(key, expected);
    return this.#write(key, 'updated', value);
  }

  async delete(key: string, expected?: number): Promise<number> {
    return this.#write(key, 'deleted', this.#expect(key, expected).value);
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
    this.#watchers.failAll(new StoreError('unavailable', 'the store is closed'));
  }

  #readable(revision = this.#revision): number {
    if (revision < this.#compacted) throw compactedError(revision, this.#compacted);
    if (revision > this.#revision) throw futureError(revision, this.#revision);
    return revision;
  }

  #at(key: string, revision: number): StoredValue | undefined {
    const version = this.#versions.get(key)?.findLast((v) => v.revision <= revision);
    if (!version || version.type === 'deleted') return undefined;
    return { key, value: version.value, revision: version.revision };
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

  #write(key: string, type: StoreEvent['type'], value: Uint8Array): number {
    const revision = ++this.#revision;
    const versions = this.#versions.get(key);
    if (versions) versions.push({ type, value, revision });
    else {
      this.#versions.set(key, [{ type, value, revision }]);
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
