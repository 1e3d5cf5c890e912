import type { WatchEvent } from '../client/client.ts';
import type { CacheEvent, WatchEventType } from './cache/cache-event.ts';
import type { StoredObject } from './cache/stored-object.ts';
import type { WatchTarget } from './resources/watch-objects.ts';

/** Events that a slow consumer may leave waiting before its watch is cut off; it then lists or watches anew. */
const maxWaiting = 10_000;

/** A watch whose events wait in memory until they are read. */
export class InProcessWatch<T> implements WatchTarget {
  readonly #bookmarks: boolean;
  #waiting: WatchEvent<T>[] = [];
  /** Events that may wait. */
  #allowed = maxWaiting;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(bookmarks: boolean) {
    this.#bookmarks = bookmarks;
  }

  initial(objects: readonly StoredObject[]): void {
    // That they are many does not mean that the consumer is slow.
    this.#allowed += objects.length;
    for (const { object } of objects) this.#waiting.push({ type: 'ADDED', object: object as T });
    this.#wake?.();
  }

  event(event: CacheEvent, type: WatchEventType): void {
    this.#push({ type, object: event.object.object as T });
  }

  bookmark(revision: number): void {
    if (this.#bookmarks) this.#push({ type: 'BOOKMARK', resourceVersion: String(revision) });
  }

  initialEventsEnd(revision: number): void {
    this.bookmark(revision);
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Yields what happens until the end; what still waits then is yielded too. */
  async *drain(): AsyncGenerator<WatchEvent<T>> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      yield* batch;
      if (this.#waiting.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  #push(event: WatchEvent<T>): void {
    if (this.#ended) return;
    this.#waiting.push(event);
    if (this.#waiting.length > this.#allowed) this.#ended = true;
    this.#wake?.();
  }
}
