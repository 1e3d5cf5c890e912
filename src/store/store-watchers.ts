import type { StoreError, StoreEvent, StoreListener } from './store.ts';

/** The listeners of a store. A watcher hears nothing live before `start` has given it the past. */
export class StoreWatchers {
  readonly #watchers = new Set<StoreWatcher>();

  /** Registers a listener for keys that begin with `prefix`. */
  add(prefix: string, listener: StoreListener): StoreWatcher {
    const watcher = new StoreWatcher(prefix, listener, () => this.#watchers.delete(watcher));
    this.#watchers.add(watcher);
    return watcher;
  }

  /** Tells every started watcher what concerns it. */
  dispatch(batch: readonly StoreEvent[]): void {
    for (const watcher of this.#watchers) watcher.hear(batch);
  }

  /** Ends every watch. */
  failAll(error: StoreError): void {
    for (const watcher of this.#watchers) watcher.fail(error);
  }
}

/** One watch of a store. */
export class StoreWatcher implements Disposable {
  readonly #prefix: string;
  readonly #listener: StoreListener;
  readonly #remove: () => void;
  /** Every event up to this revision has been heard; undefined before the start. */
  #heard: number | undefined;
  #over = false;

  constructor(prefix: string, listener: StoreListener, remove: () => void) {
    this.#prefix = prefix;
    this.#listener = listener;
    this.#remove = remove;
  }

  /** Hands over the past; from now on live events follow. */
  start(past: readonly StoreEvent[]): void {
    this.#heard = 0;
    this.hear(past);
  }

  /** Hands over what concerns this watch and is new to it. */
  hear(batch: readonly StoreEvent[]): void {
    const heard = this.#heard;
    if (this.#over || heard === undefined || batch.length === 0) return;
    const events = batch.filter((event) => event.revision > heard && event.key.startsWith(this.#prefix));
    const newest = batch.at(-1)!.revision;
    this.#heard = Math.max(heard, newest);
    if (events.length > 0) this.#listener.events(events);
    else if (newest > heard) this.#listener.progress?.(newest);
  }

  /** Ends the watch with an error. */
  fail(error: StoreError): void {
    if (this.#over) return;
    this[Symbol.dispose]();
    this.#listener.failed(error);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#remove();
  }
}
