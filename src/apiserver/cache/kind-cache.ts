import { StatusError } from '../../base/errors.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';
import type { StoreEvent, StoredValue } from '../../store/store.ts';
import { CacheEvent } from './cache-event.ts';
import { isReadable } from './foreign-bytes.ts';
import { ObjectIndex } from './object-index.ts';
import type { KeyedObject, SelectedPage } from './object-index.ts';
import { RecentPages } from './recent-pages.ts';
import { everything } from './selection.ts';
import type { ObjectSelection } from './selection.ts';
import { kindPrefix } from './storage-key.ts';
import { StoredObject } from './stored-object.ts';
import { WatcherIndex } from './watcher-index.ts';

/** Changes of a kind that are kept for watches that resume: so many, and of so many bytes in all, at most. */
const windowSize = 4096;
const windowBytes = 8 * 1024 * 1024;

const none: readonly ApiObject[] = [];

/** Hears of a kind at once: of all that is there, then of every change, before anybody who watches. Must not throw. */
export interface Follower {
  /** An object that is there: at the beginning, or because it was made or changed. */
  put(object: StoredObject): void;
  /** An object is gone; its last version. */
  gone(object: StoredObject): void;
  /** Changes were missed: what was heard so far counts no more. All that is there follows. */
  reset(): void;
}

/** The objects of one kind as they are now, the latest changes, and the watchers. */
export class KindCache {
  readonly resource: Resource;
  readonly watchers: WatcherIndex;
  readonly #prefix: string;
  #objects: ObjectIndex;
  /** Whom changes are told before anybody else. */
  readonly #listeners: WatcherIndex;
  readonly #pages: RecentPages;
  readonly #followers = new Set<Follower>();
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
    this.#objects = new ObjectIndex(resource);
    this.#listeners = new WatcherIndex(resource);
    this.#pages = new RecentPages(this.#listeners);
    this.#prefix = kindPrefix(resource);
    this.#forgotten = revision;
  }

  /** How many objects there are. */
  get size(): number {
    return this.#objects.size;
  }

  /** The object under a key, if there is one. */
  get(key: ObjectKey): StoredObject | undefined {
    return this.#objects.get(keyString(key));
  }

  /** All objects, or those of a namespace, parsed, in the order of their keys. */
  objects(namespace?: string): readonly ApiObject[] {
    if (this.#objects.size === 0) return none;
    const selection = namespace === undefined ? everything : { ...everything, namespace };
    return this.#objects.page(selection, undefined).items.map(({ object }) => object);
  }

  /** What is selected, in the order of the keys. */
  select(selection: ObjectSelection): Generator<KeyedObject> {
    return this.#objects.select(selection);
  }

  /** The first `limit` of what is selected, or all of it. The same items as before while nothing has changed, mostly. */
  page(selection: ObjectSelection, limit: number | undefined): SelectedPage {
    const read = (): SelectedPage => this.#objects.page(selection, limit);
    if (selection.text === undefined || this.resource.custom?.convert) return read();
    return this.#pages.get({ selection, name: `${limit ?? ''} ${selection.text}` }, read);
  }

  /** Tells `follower` of what is there, and then of every change, until disposed. */
  follow(follower: Follower): Disposable {
    this.#tellAll(follower);
    this.#followers.add(follower);
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) };
  }

  #tellAll(follower: Follower): void {
    for (const { object } of this.#objects.select(everything)) {
      try {
        follower.put(object);
      } catch {
        // What can't be read is an error to those who list the kind, and nothing to those who follow it.
      }
    }
  }

  /** Gives up what is kept of pages that nobody asks for any more. */
  forgetUnused(): void {
    this.#pages.forgetUnused();
  }

  /** Takes in an object that was there before the watch of the store began. */
  restore({ key, value, revision }: StoredValue): void {
    const object = StoredObject.fromStore(this.resource, value, revision);
    this.#objects.put(key.slice(this.#prefix.length), object);
  }

  /**
   * Begins anew with what there is at a revision, after changes were missed: nobody can be told of these, so the watches end,
   * and whoever asks for the changes since learns that they are forgotten.
   */
  replace(items: readonly StoredValue[], revision: number): void {
    this.#objects = new ObjectIndex(this.resource);
    for (const item of items) this.restore(item);
    for (const follower of this.#followers) {
      follower.reset();
      this.#tellAll(follower);
    }
    this.#applied++;
    this.#forget(revision);
  }

  /** Gives up what is known of the past: all watches end. */
  #forget(revision: number): void {
    this.#window = [];
    this.#windowBytes = 0;
    this.#forgotten = revision;
    for (const watcher of [...this.#listeners.all(), ...this.watchers.all()]) watcher.sink.end();
  }

  /** Takes in a change and tells the watchers. */
  apply(change: StoreEvent): void {
    this.#applied++;
    const key = change.key.slice(this.#prefix.length);
    const object = StoredObject.fromStore(this.resource, change.value, change.revision);
    const previous = change.type === 'deleted' ? this.#objects.remove(key) : this.#objects.put(key, object);
    // Nobody can be told of it. Who lists the kind learns what is wrong.
    if (!isReadable(this.resource, change.value)) {
      if (previous) for (const follower of this.#followers) follower.gone(previous);
      return this.#forget(change.revision);
    }
    const type = change.type === 'deleted' ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED';
    for (const follower of this.#followers) {
      if (type === 'DELETED') follower.gone(object);
      else follower.put(object);
    }
    const event = new CacheEvent(type, key, { object, previous });
    this.#remember(event, change.value.length);
    this.#listeners.dispatch(event);
    if (this.resource.custom?.convert) this.#dispatchConverted(event);
    else this.watchers.dispatch(event);
    previous?.forgetParsed();
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

  /**
   * Converts everything that a list may look at, or with `past` a watch, where that takes others' help. Throws when they
   * fail.
   */
  async converted({ past = false }: { readonly past?: boolean } = {}): Promise<void> {
    if (!this.resource.custom?.convert) return;
    for (let seen = -1; seen !== this.#applied || !this.isSettled;) {
      seen = this.#applied;
      await this.#dispatching;
      const gone = past ? this.#window.flatMap(({ event: { object, previous } }) => [object, previous ?? object]) : [];
      const { items } = this.#objects.page(everything, undefined);
      await StoredObject.convert(this.resource, [...items, ...gone]);
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
}
