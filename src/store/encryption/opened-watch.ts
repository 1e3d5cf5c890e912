import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { StoreError } from '../store.ts';
import type { StoreEvent, StoreListener } from '../store.ts';

/** What an `OpenedWatch` works with. */
export interface OpenedWatchOptions {
  /** Throws or rejects with a StoreError; one of kind `unavailable` is tried again. */
  open(batch: readonly StoreEvent[]): readonly StoreEvent[] | Promise<readonly StoreEvent[]>;
  readonly clock: Clock;
  /** Called once when the watch is over. */
  ended(): void;
}

/** How long to wait for a program that can't be reached. */
const retryMs = 1000;
/** How many batches may wait; more can be had again, from the revision that was heard last. */
const longestQueue = 10_000;

/**
 * Hands on the events of a watch with their values decrypted: at once where that needs nobody else, and in any case in
 * order. While a key can't be asked for, the watch waits.
 */
export class OpenedWatch implements StoreListener, Disposable {
  readonly #listener: StoreListener;
  readonly #options: OpenedWatchOptions;
  readonly #over = new AbortController();
  /** What is to be done behind that which is waited for. */
  #queue: (() => void | Promise<void>)[] = [];
  #draining: Promise<void> | undefined;
  #caughtUp: PromiseWithResolvers<void> | undefined;
  /** The key that the first of them needs can't be had at present. */
  #isStuck = false;
  #source: Disposable | undefined;

  constructor(listener: StoreListener, options: OpenedWatchOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Ends the watch of the store together with this one. */
  follow(source: Disposable): void {
    if (this.#over.signal.aborted) source[Symbol.dispose]();
    else this.#source = source;
  }

  /** Pending while events wait for a key; resolves once they are heard, or once it is clear that it will take long. */
  get caughtUp(): Promise<void> | undefined {
    return this.#isStuck ? undefined : this.#caughtUp?.promise;
  }

  events(batch: readonly StoreEvent[]): void {
    this.#inTurn(() => this.#hear(batch));
  }

  progress(revision: number): void {
    this.#inTurn(() => this.#listener.progress?.(revision));
  }

  failed(error: StoreError): void {
    this.#inTurn(() => this.#fail(error));
  }

  [Symbol.dispose](): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#source?.[Symbol.dispose]();
    this.#caughtUp?.resolve();
    this.#queue = [];
    this.#options.ended();
  }

  #inTurn(task: () => void | Promise<void>): void {
    if (this.#over.signal.aborted) return;
    if (this.#queue.length >= longestQueue) {
      this.#fail(new StoreError('unavailable', 'too many changes wait for a key that can not be had'));
      return;
    }
    if (this.#draining) {
      this.#queue.push(task);
      return;
    }
    const first = task();
    if (first) this.#draining = this.#drain(first);
  }

  async #drain(first: Promise<void>): Promise<void> {
    this.#caughtUp = Promise.withResolvers();
    await first;
    // One that was just added is done as well before anybody else may come to their turn.
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) await task();
    this.#draining = undefined;
    this.#caughtUp?.resolve();
    this.#caughtUp = undefined;
  }

  #hear(batch: readonly StoreEvent[]): void | Promise<void> {
    try {
      const opened = this.#options.open(batch);
      if (opened instanceof Promise) return this.#hearLater(opened, batch);
      this.#isStuck = false;
      this.#listener.events(opened);
    } catch (error) {
      return this.#retryOrFail(error, batch);
    }
  }

  async #hearLater(opening: Promise<readonly StoreEvent[]>, batch: readonly StoreEvent[]): Promise<void> {
    let opened: readonly StoreEvent[];
    try {
      opened = await opening;
    } catch (error) {
      return this.#retryOrFail(error, batch);
    }
    this.#isStuck = false;
    if (!this.#over.signal.aborted) this.#listener.events(opened);
  }

  #retryOrFail(error: unknown, batch: readonly StoreEvent[]): void | Promise<void> {
    if (error instanceof StoreError && error.kind === 'unavailable') return this.#retry(batch);
    this.#fail(error instanceof StoreError ? error : new StoreError('corrupt', messageOf(error), { cause: error }));
  }

  async #retry(batch: readonly StoreEvent[]): Promise<void> {
    this.#isStuck = true;
    this.#caughtUp?.resolve();
    try {
      await this.#options.clock.sleep(retryMs, this.#over.signal);
    } catch {
      return;
    }
    await this.#hear(batch);
  }

  #fail(error: StoreError): void {
    if (this.#over.signal.aborted) return;
    this[Symbol.dispose]();
    this.#listener.failed(error);
  }
}
