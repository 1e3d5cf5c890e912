import type { Clock } from '../base/clock.ts';
import { hasReason } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { ApiObject, DraftObject, Resource } from '../machinery/resource.ts';
import { Backoff } from './backoff.ts';
import type { Client, Selection } from './client.ts';
import { ObjectCache } from './object-cache.ts';
import type { Change } from './object-cache.ts';

/** What an informer needs. */
export interface InformerOptions<T, D> {
  readonly client: Client;
  readonly resource: Resource<T, D>;
  /** Default: every object of the kind. */
  readonly selection?: Selection | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Keeps a cache of one kind equal to the server's state by list and watch, and tells listeners what changes. */
export class Informer<T extends ApiObject = ApiObject, D = DraftObject> {
  readonly resource: Resource<T, D>;
  readonly cache = new ObjectCache<T>();
  readonly #options: InformerOptions<T, D>;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;

  constructor(options: InformerOptions<T, D>) {
    this.resource = options.resource;
    this.#options = options;
    this.#backoff = new Backoff({ first: 200, cap: 5_000, random: options.random });
  }

  /** Whether the first list has arrived. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Whether only part of the kind is selected. */
  get isPartial(): boolean {
    return Object.values(this.#options.selection ?? {}).some((part) => part !== undefined);
  }

  /** Resolves when the first list has arrived; rejects when aborted. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    if (this.#hasSynced) return;
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Calls `listener` at once with every known object as added, then with each change. Dispose to stop. */
  subscribe(listener: (change: Change<T>) => void): Disposable {
    for (const object of this.cache.list()) this.#tell(listener, { type: 'added', object, old: undefined });
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Takes the result of an own write, so that readers see it before the watch reports it. */
  written(object: T): void {
    const known = this.cache.get(keyOfMeta(object));
    // Of a partial view it is unknown whether a new object belongs to it.
    if (this.isPartial && !known) return;
    this.#publish(this.cache.written(object));
  }

  /** Takes an own delete, so that readers see the object as terminating before the watch reports it. */
  deleted(key: string, deletion: { readonly uid: string; readonly timestamp: string }): void {
    this.#publish(this.cache.deleted(key, deletion));
  }

  /** Lists and watches until aborted; failures are retried with back-off. */
  async run(signal: AbortSignal): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        version ??= await this.#list(signal);
        await this.#watch(version, signal);
        version = this.cache.version;
      } catch (error) {
        if (signal.aborted) return;
        const expired = hasReason(error, 'Expired', 'Gone');
        version = expired || version === undefined ? undefined : this.cache.version;
        if (!expired) await this.#pause(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, resource, selection } = this.#options;
    const list = await client.list(resource, { ...selection, signal });
    for (const change of this.cache.replace(list.items, list.metadata.resourceVersion)) this.#publish(change);
    this.#hasSynced = true;
    this.#synced.resolve();
    return list.metadata.resourceVersion;
  }

  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const { client, resource, selection, clock, random } = this.#options;
    const started = clock.monotonic();
    let events = 0;
    const options = {
      ...selection,
      resourceVersion: version,
      allowWatchBookmarks: true,
      // Spread over five to ten minutes, so that not all watches of a cluster come back at once. Source: reflector.
      timeoutSeconds: Math.floor(300 * (1 + random.next())),
      signal,
    };
    for await (const event of client.watch(resource, options)) {
      events++;
      this.#backoff.reset();
      if (event.type === 'BOOKMARK') this.cache.advance(event.resourceVersion);
      else this.#publish(this.cache.apply(event.type, event.object));
    }
    // A server that ends watches at once must not be asked in a tight loop.
    if (events === 0 && clock.monotonic() - started < 1000) await this.#pause(undefined, signal);
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log, resource } = this.#options;
    if (error !== undefined)
      log.warning('Failed to list or watch; retrying', { resource: resource.qualified, err: error });
    try {
      await clock.sleep(this.#backoff.next(), signal);
    } catch {
      // Aborted: whoever paused looks at the signal.
    }
  }

  #publish(change: Change<T> | undefined): void {
    if (!change) return;
    for (const listener of this.#listeners) this.#tell(listener, change);
  }

  #tell(listener: (change: Change<T>) => void, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.#options.log.error('An informer listener failed', { resource: this.resource.qualified, err: error });
    }
  }
}

function keyOfMeta({ metadata: { namespace, name } }: ApiObject): string {
  return namespace ? `${namespace}/${name}` : name;
}
