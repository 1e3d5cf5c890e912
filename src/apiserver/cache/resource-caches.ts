import { StatusError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Store, StoreError, StoreEvent, StoredValue } from '../../store/store.ts';
import { storeFailure } from '../resources/api-errors.ts';
import { KindCache } from './kind-cache.ts';
import { kindPrefix, prefixOfKey, registryPrefix } from './storage-key.ts';
import { storePages } from './store-pages.ts';

/** What the caches are made of. */
export interface ResourceCacheOptions {
  readonly store: Store;
  readonly resources: readonly Resource[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a read waits for the cache to reach a revision. Source: the watch cache's blockTimeout. */
const freshnessTimeout = 3000;

/** How long the watch of the store may take to tell of a revision before it is helped (ms). */
const progressPatience = 150;
/** What is written to help it. */
const touchedKey = `${registryPrefix}kubets.io/touched/newest`;

/** Pauses between attempts to follow the store again. */
const firstPause = 100;
const longestPause = 5000;

/**
 * Every object of every kind in memory, kept up to date by one watch of the store. When that fails, it is begun again where it
 * ended; where changes were missed, all is read anew, and those who watch have to list again.
 */
export class ResourceCaches implements Disposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #kinds = new Map<Resource, KindCache>();
  /** The caches of a prefix: several when kinds share their objects. */
  readonly #byPrefix = new Map<string, KindCache[]>();
  /** Changes of kinds that are just being listed, by prefix. */
  readonly #early = new Map<string, StoreEvent[][]>();
  #waiting: { readonly revision: number; readonly resolve: () => void }[] = [];
  #revision = 0;
  #watch: Disposable | undefined;
  #failure: Error | undefined;
  /** How often in a row the watch has failed without a sign of life between. */
  #failures = 0;
  /** How often all was read anew. */
  #reloads = 0;
  #touching = false;
  readonly #stopping = new AbortController();

  private constructor(options: ResourceCacheOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Reads everything and begins to follow. */
  static async open(options: ResourceCacheOptions): Promise<ResourceCaches> {
    const caches = new ResourceCaches(options);
    await caches.#load(options.resources);
    return caches;
  }

  async #load(resources: readonly Resource[]): Promise<void> {
    const stored = resources.filter(({ verbs }) => verbs.includes('get'));
    for await (const { items, revision } of storePages(this.#store, registryPrefix)) {
      if (this.#kinds.size === 0) for (const resource of stored) this.#follow(new KindCache(resource, revision));
      for (const item of items) for (const cache of this.#cachesOf(item.key)) cache.restore(item);
      this.#revision = revision;
    }
    this.#listen();
  }

  #listen(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = this.#store.watch(
      { prefix: registryPrefix, after: this.#revision },
      {
        events: (batch) => this.#apply(batch),
        progress: (revision) => this.#reach(revision),
        failed: (error) => void this.#followAgain(error),
      },
    );
  }

  async #followAgain(error: StoreError): Promise<void> {
    const { signal } = this.#stopping;
    // Of a value that could not be read, the newest version may be readable.
    let missed = ['compacted', 'future', 'corrupt'].includes(error.kind);
    let cause: unknown = error;
    // What was compacted will not come back by waiting.
    let pausing = this.#failures > 0 && !missed;
    while (!signal.aborted) {
      this.#failure = cause instanceof Error ? cause : error;
      this.#log.error('The watch of the store ended; until it is there again reads may be stale', { error: cause });
      this.#failures++;
      try {
        if (pausing) await this.#clock.sleep(Math.min(longestPause, firstPause * 2 ** this.#failures), signal);
        pausing = true;
        // A store that came back from a backup may know less than was seen of it.
        missed ||= (await this.#store.revision()) < this.#revision;
        if (missed) await this.#reload();
        if (signal.aborted) return;
        this.#failure = undefined;
        return this.#listen();
      } catch (again) {
        cause = again;
      }
    }
  }

  async #reload(): Promise<void> {
    const found = new Map<string, StoredValue[]>();
    let read = 0;
    for await (const { items, revision } of storePages(this.#store, registryPrefix)) {
      for (const item of items) {
        const prefix = prefixOfKey(item.key);
        const known = found.get(prefix);
        if (known) known.push(item);
        else found.set(prefix, [item]);
      }
      read = revision;
    }
    this.#reloads++;
    this.#revision = read;
    for (const [prefix, caches] of this.#byPrefix)
      for (const cache of caches) cache.replace(found.get(prefix) ?? [], read);
    this.#log.info('Changes of the store were missed; everything was read anew, and all watches end', {
      revision: read,
    });
    this.#reach(read);
  }

  /** Begins to keep the objects of a further kind. */
  async add(resource: Resource): Promise<void> {
    const prefix = kindPrefix(resource);
    // Changes may arrive before the list does; those that it does not show are applied after it.
    const early: StoreEvent[] = [];
    const listeners = this.#early.get(prefix) ?? [];
    this.#early.set(prefix, [...listeners, early]);
    try {
      let reloads: number;
      let cache: KindCache | undefined;
      let read = 0;
      do {
        reloads = this.#reloads;
        cache = undefined;
        for await (const { items, revision } of storePages(this.#store, prefix)) {
          cache ??= new KindCache(resource, revision);
          for (const item of items) cache.restore(item);
          read = revision;
        }
        // Changes were missed meanwhile.
      } while (reloads !== this.#reloads);
      if (!cache) return;
      for (const event of early) if (event.revision > read) cache.apply(event);
      this.#follow(cache);
    } finally {
      const others = this.#early.get(prefix)?.filter((other) => other !== early) ?? [];
      if (others.length > 0) this.#early.set(prefix, others);
      else this.#early.delete(prefix);
    }
  }

  /** Forgets a kind; its watches end. */
  remove(resource: Resource): void {
    const cache = this.#kinds.get(resource);
    if (!cache) return;
    this.#kinds.delete(resource);
    const prefix = kindPrefix(resource);
    this.#byPrefix.set(prefix, this.#byPrefix.get(prefix)?.filter((other) => other !== cache) ?? []);
    for (const watcher of cache.watchers.all()) watcher.sink.end();
  }

  #follow(cache: KindCache): void {
    this.#kinds.set(cache.resource, cache);
    const prefix = kindPrefix(cache.resource);
    this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), cache]);
  }

  /** The kinds whose objects are the same ones: the versions of one kind, in one or more groups. */
  sharing(resource: Resource): readonly Resource[] {
    return this.#byPrefix.get(kindPrefix(resource))?.map((cache) => cache.resource) ?? [resource];
  }

  /** The revision up to which every change has been seen. */
  get revision(): number {
    return this.#revision;
  }

  /** Why the caches no longer follow the store, if so. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The cache of a kind. */
  of(resource: Resource): KindCache {
    const cache = this.#kinds.get(resource);
    if (!cache) throw new StatusError('NotFound', 'the server could not find the requested resource', { details: {} });
    return cache;
  }

  /** The cache of a kind, if its objects are stored. */
  find(resource: Resource): KindCache | undefined {
    return this.#kinds.get(resource);
  }

  /** Every kind's cache. */
  all(): MapIterator<KindCache> {
    return this.#kinds.values();
  }

  /**
   * Resolves once everything acknowledged before the call is seen, by whichever server; undefined when there is nothing to wait
   * for. Rejects when the store can't tell: a minority of its members must not answer for all.
   */
  behind(): Promise<void> | undefined {
    const revision = this.#store.revision();
    if (typeof revision === 'number') return revision <= this.#revision ? undefined : this.reached(revision);
    return revision.then(
      (newest) => this.#awaitNewest(newest),
      (error: unknown) => {
        throw storeFailure(error);
      },
    );
  }

  async #awaitNewest(newest: number): Promise<void> {
    if (newest <= this.#revision) return;
    using _timer = this.#clock.after(progressPatience, () => void this.#touch(newest));
    await this.reached(newest);
  }

  /**
   * Writes a key of its own, of which the watch hears. A store that is shared with others has revisions in which nothing was
   * written here, and not every etcd tells a watch of them.
   */
  async #touch(newest: number): Promise<void> {
    if (this.#touching || this.#failure || newest <= this.#revision || this.#stopping.signal.aborted) return;
    this.#touching = true;
    try {
      const existing = await this.#store.get(touchedKey);
      if (existing) await this.#store.update(touchedKey, Buffer.from('{}'), existing.revision);
      else await this.#store.create(touchedKey, Buffer.from('{}'));
    } catch (error) {
      // Where another server was faster, its write is heard of too. Else those who wait are told in the end.
      this.#log.v(2).info('The watch of the store could not be helped to the newest revision', { error });
    } finally {
      this.#touching = false;
    }
  }

  /** Resolves once everything acknowledged before the call is seen; see `behind`. */
  async fresh(): Promise<void> {
    await this.behind();
  }

  /** Resolves once the given revision is seen; throws Timeout when that takes too long. */
  async reached(revision: number): Promise<void> {
    if (revision <= this.#revision) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _timer = this.#clock.after(freshnessTimeout, () => reject(tooLarge(revision, this.#revision)));
    const waiting = { revision, resolve };
    this.#waiting.push(waiting);
    try {
      await promise;
    } finally {
      // One that gave up is not waited with any more.
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
    }
  }

  [Symbol.dispose](): void {
    this.#stopping.abort(new Error('the caches are closed'));
    this.#watch?.[Symbol.dispose]();
  }

  #apply(batch: readonly StoreEvent[]): void {
    for (const event of batch) {
      this.#revision = event.revision;
      for (const cache of this.#cachesOf(event.key)) cache.apply(event);
      if (this.#early.size > 0) for (const early of this.#early.get(prefixOfKey(event.key)) ?? []) early.push(event);
    }
    this.#reach(this.#revision);
  }

  #reach(revision: number): void {
    this.#failures = 0;
    this.#revision = Math.max(this.#revision, revision);
    if (this.#waiting.length === 0) return;
    const reached = this.#waiting.filter(({ revision: wanted }) => wanted <= this.#revision);
    this.#waiting = this.#waiting.filter(({ revision: wanted }) => wanted > this.#revision);
    for (const { resolve } of reached) resolve();
  }

  #cachesOf(key: string): readonly KindCache[] {
    return this.#byPrefix.get(prefixOfKey(key)) ?? [];
  }
}

/** The error of a read at a revision that is not there yet. */
export function tooLarge(wanted: number, current: number): StatusError {
  return new StatusError('Timeout', `Too large resource version: ${wanted}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}
