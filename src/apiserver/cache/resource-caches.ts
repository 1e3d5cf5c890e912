import { StatusError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Store, StoreEvent } from '../../store/store.ts';
import { KindCache } from './kind-cache.ts';
import { kindPrefix, registryPrefix } from './storage-key.ts';
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

/** Every object of every kind in memory, kept up to date by one watch of the store. */
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
      for (const item of items) {
        for (const cache of this.#cachesOf(item.key)) cache.restore(item.key, item.value, item.revision);
      }
      this.#revision = revision;
    }
    this.#watch = this.#store.watch(
      { prefix: registryPrefix, after: this.#revision },
      {
        events: (batch) => this.#apply(batch),
        failed: (error) => {
          this.#failure = error;
          this.#log.error('The watch of the store ended; reads may be stale', { error });
        },
      },
    );
  }

  /** Begins to keep the objects of a further kind. */
  async add(resource: Resource): Promise<void> {
    const prefix = kindPrefix(resource);
    // Changes may arrive before the list does; those that it does not show are applied after it.
    const early: StoreEvent[] = [];
    const listeners = this.#early.get(prefix) ?? [];
    this.#early.set(prefix, [...listeners, early]);
    try {
      let cache: KindCache | undefined;
      let read = 0;
      for await (const { items, revision } of storePages(this.#store, prefix)) {
        cache ??= new KindCache(resource, revision);
        for (const item of items) cache.restore(item.key, item.value, item.revision);
        read = revision;
      }
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

  /** Every kind's cache. */
  all(): MapIterator<KindCache> {
    return this.#kinds.values();
  }

  /** Resolves once everything acknowledged before the call is seen. */
  async fresh(): Promise<void> {
    const revision = this.#store.revision();
    const newest = typeof revision === 'number' ? revision : await revision;
    if (newest > this.#revision) await this.reached(newest);
  }

  /** Whether `fresh` has nothing to wait for; spares a turn of the event loop. */
  get isFresh(): boolean {
    const revision = this.#store.revision();
    return typeof revision === 'number' && revision <= this.#revision;
  }

  /** Resolves once the given revision is seen; throws Timeout when that takes too long. */
  async reached(revision: number): Promise<void> {
    if (revision <= this.#revision) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _timer = this.#clock.after(freshnessTimeout, () => reject(tooLarge(revision, this.#revision)));
    this.#waiting.push({ revision, resolve });
    await promise;
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
  }

  #apply(batch: readonly StoreEvent[]): void {
    for (const event of batch) {
      this.#revision = event.revision;
      for (const cache of this.#cachesOf(event.key)) cache.apply(event);
      if (this.#early.size > 0) for (const early of this.#early.get(prefixOf(event.key)) ?? []) early.push(event);
    }
    if (this.#waiting.length === 0) return;
    const reached = this.#waiting.filter(({ revision }) => revision <= this.#revision);
    this.#waiting = this.#waiting.filter(({ revision }) => revision > this.#revision);
    for (const { resolve } of reached) resolve();
  }

  #cachesOf(key: string): readonly KindCache[] {
    return this.#byPrefix.get(prefixOf(key)) ?? [];
  }
}

/** The prefix of the kind that a key belongs to. */
function prefixOf(key: string): string {
  const group = key.indexOf('/', registryPrefix.length);
  return key.slice(0, key.indexOf('/', group + 1) + 1);
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
