import { StatusError } from '../../base/errors.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';
import type { StoreEvent } from '../../store/store.ts';
import { CacheEvent } from './cache-event.ts';
import { indexValue } from './selection.ts';
import type { ObjectSelection } from './selection.ts';
import { BucketIndex, SortedBucket } from './sorted-bucket.ts';
import { kindPrefix } from './storage-key.ts';
import { StoredObject } from './stored-object.ts';
import { WatcherIndex } from './watcher-index.ts';

/** Changes of a kind that are kept for watches that resume: so many, and of so many bytes in all, at most. */
const windowSize = 4096;
const windowBytes = 8 * 1024 * 1024;

const none: readonly ApiObject[] = [];

/** The objects of one kind as they are now, the latest changes, and the watchers. */
export class KindCache {
  readonly resource: Resource;
  readonly watchers: WatcherIndex;
  readonly #prefix: string;
  readonly #all = new SortedBucket();
  readonly #byNamespace = new BucketIndex();
  readonly #byIndex = new BucketIndex();
  #window: { readonly event: CacheEvent; readonly bytes: number }[] = [];
  #windowBytes = 0;
  /** Changes that were taken in. */
  #applied = 0;
  /** Pending while changes are being converted for the watchers. */
  #dispatching: Promise<void> | undefined;
  /** Changes up to this revision are no longer known. */
  #forgotten: number;

  /** `revision`: the one at which the objects, to be given with `restore`, were read. */
  constructor(resource: Resource, revision: number) {
    this.resource = resource;
    this.watchers = new WatcherIndex(resource);
    this.#prefix = kindPrefix(resource);
    this.#forgotten = revision;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#all.size;
  }

  /** The object under a key, if there is one. */
  get(key: ObjectKey): StoredObject | undefined {
    return this.#all.get(keyString(key));
  }

  /** All objects, parsed, in the order of their keys. */
  objects(): readonly ApiObject[] {
    if (this.#all.size === 0) return none;
    return [...this.#all.keys()].flatMap((key) => this.#all.get(key)?.object ?? []);
  }

  /** What is selected, in the order of the keys, from behind `after` on. */
  *select(selection: ObjectSelection, after = ''): Generator<{ readonly key: string; readonly object: StoredObject }> {
    const { namespace, name, indexed, matches } = selection;
    if (name !== undefined && (namespace !== undefined || !this.resource.namespaced)) {
      const key = keyString({ namespace, name });
      const object = this.#all.get(key);
      if (object && key > after && (!matches || matches(object))) yield { key, object };
      return;
    }
    const bucket = this.#bucketOf(namespace, indexed);
    if (!bucket) return;
    const inNamespace = namespace === undefined ? '' : `${namespace}/`;
    for (const key of bucket.keys()) {
      if (key <= after || !key.startsWith(inNamespace)) continue;
      const object = bucket.get(key);
      if (object && (!matches || matches(object))) yield { key, object };
    }
  }

  #bucketOf(namespace: string | undefined, indexed: string | undefined): SortedBucket | undefined {
    if (indexed !== undefined && indexed !== '') return this.#byIndex.get(indexed);
    return namespace === undefined ? this.#all : this.#byNamespace.get(namespace);
  }

  /** Takes in an object that was there before the watch of the store began. */
  restore(storeKey: string, value: Uint8Array, revision: number): void {
    this.#put(storeKey.slice(this.#prefix.length), StoredObject.fromStore(this.resource, value, revision));
  }

  /** Takes in a change and tells the watchers. */
  apply(change: StoreEvent): void {
    this.#applied++;
    const key = change.key.slice(this.#prefix.length);
    const previous = this.#all.get(key);
    const object = StoredObject.fromStore(this.resource, change.value, change.revision);
    if (change.type === 'deleted') this.#remove(key, previous ?? object);
    else {
      if (previous) this.#unindex(key, previous, object);
      this.#put(key, object);
    }
    const type = change.type === 'deleted' ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED';
    const event = new CacheEvent(type, key, { object, previous });
    this.#remember(event, change.value.length);
    if (this.resource.custom?.convert) this.#dispatchConverted(event);
    else this.watchers.dispatch(event);
  }

  /** Watchers hear of changes in order, each after it is converted. A failure ends their watches: they will list again. */
  #dispatchConverted(event: CacheEvent): void {
    const dispatched = (this.#dispatching ?? Promise.resolve()).then(async () => {
      if (this.watchers.size === 0) return;
      try {
        await StoredObject.convert(this.resource, event.previous ? [event.object, event.previous] : [event.object]);
        this.watchers.dispatch(event);
      } catch {
        for (const watcher of [...this.watchers.all()]) watcher.sink.end();
      }
    });
    this.#dispatching = dispatched;
    void dispatched.then(() => {
      if (this.#dispatching === dispatched) this.#dispatching = undefined;
    });
  }

  /** Whether watchers have heard of everything. */
  get isSettled(): boolean {
    return this.#dispatching === undefined;
  }

  /** Converts everything that a list or a watch may look at, where that takes others' help. Throws when they fail. */
  async converted(): Promise<void> {
    if (!this.resource.custom?.convert) return;
    for (let seen = -1; seen !== this.#applied || !this.isSettled;) {
      seen = this.#applied;
      await this.#dispatching;
      const past = this.#window.flatMap(({ event }) =>
        event.previous ? [event.object, event.previous] : [event.object],
      );
      const present = [...this.#all.keys()].map((key) => this.#all.get(key)!);
      await StoredObject.convert(this.resource, [...present, ...past]);
    }
  }

  /** The changes after a revision, oldest first. Throws StatusError Expired when some of them are forgotten. */
  changesAfter(revision: number): readonly CacheEvent[] {
    if (revision < this.#forgotten) {
      throw new StatusError('Expired', `too old resource version: ${revision} (${this.#forgotten})`);
    }
    const first = this.#window.findLastIndex(({ event }) => event.revision <= revision) + 1;
    return this.#window.slice(first).map(({ event }) => event);
  }

  #remember(event: CacheEvent, bytes: number): void {
    this.#window.push({ event, bytes });
    this.#windowBytes += bytes;
    // A quarter more may gather before the oldest go, so that dropping them is rare and cheap.
    if (this.#window.length <= windowSize * 1.25 && this.#windowBytes <= windowBytes * 1.25) return;
    let dropped = 0;
    while (this.#window.length - dropped > windowSize || this.#windowBytes > windowBytes) {
      this.#windowBytes -= this.#window[dropped++]!.bytes;
    }
    this.#forgotten = this.#window[dropped - 1]!.event.revision;
    this.#window = this.#window.slice(dropped);
  }

  #put(key: string, object: StoredObject): void {
    this.#all.set(key, object);
    const slash = key.indexOf('/');
    if (slash > 0) this.#byNamespace.set(key.slice(0, slash), key, object);
    const value = indexValue(this.resource, object);
    if (value !== '') this.#byIndex.set(value, key, object);
  }

  #unindex(key: string, previous: StoredObject, next: StoredObject): void {
    const value = indexValue(this.resource, previous);
    if (value !== '' && value !== indexValue(this.resource, next)) this.#byIndex.delete(value, key);
  }

  #remove(key: string, object: StoredObject): void {
    this.#all.delete(key);
    const slash = key.indexOf('/');
    if (slash > 0) this.#byNamespace.delete(key.slice(0, slash), key);
    const value = indexValue(this.resource, object);
    if (value !== '') this.#byIndex.delete(value, key);
  }
}
