import { compactedError, StoreError, type StoreEvent, type StoreListener } from '../store.ts';
import { deletionType, type EtcdEvent, type EtcdWatchAnswer } from './etcd-messages.ts';

/** What a watch asks of the stream that carries it. */
export interface EtcdWatchCarrier {
  /** Whether what followed `revision` can still be read; rejects with `compacted` or `future` if not. */
  readonly verify: (revision: number) => Promise<void>;
  /** The watch is over. */
  readonly ended: (watch: EtcdWatch) => void;
}

interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
}

/** One watch of the store: where it stands, over all streams that have carried it. */
export class EtcdWatch implements Disposable {
  readonly prefix: string;
  readonly #listener: StoreListener;
  readonly #carrier: EtcdWatchCarrier;
  /** Keys as etcd has them, turned into the store's. */
  readonly #keyOf: (etcdKey: string) => string;
  /** Every event up to this revision has been handed over. */
  #heard: number;
  /** Answers that wait for the rest of them, for the current stream. */
  #fragments: EtcdWatchAnswer[] = [];
  /** Answers that wait until it is known that none before them is missing; undefined once it is. */
  #unverified: EtcdWatchAnswer[] | undefined;
  #incarnation = 0;
  #waiters: Waiter[] = [];
  #over = false;

  constructor(
    options: { readonly prefix: string; readonly after: number; readonly keyOf: (etcdKey: string) => string },
    listener: StoreListener,
    carrier: EtcdWatchCarrier,
  ) {
    this.prefix = options.prefix;
    this.#keyOf = options.keyOf;
    this.#listener = listener;
    this.#carrier = carrier;
    this.#heard = options.after;
  }

  get heard(): number {
    return this.#heard;
  }

  /** A stream has begun to carry the watch behind `heard`. */
  carried(): void {
    this.#incarnation++;
    this.#fragments = [];
    this.#unverified = [];
  }

  /** The stream has confirmed the watch. */
  confirmed(): void {
    // Finds a start that is gone before the first event does, which may be far away.
    void this.#verify();
  }

  /** An answer of the stream that carries the watch now: changes, or without any how far all of them have been told. */
  hear(answer: EtcdWatchAnswer): void {
    if (this.#over) return;
    if (this.#unverified) {
      this.#unverified.push(answer);
      if (this.#unverified.length === 1) void this.#verify();
    } else this.#take(answer);
  }

  /** Resolves once the watch has heard of `revision`, or is over. */
  reached(revision: number): Promise<void> {
    if (this.#over || this.#heard >= revision) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ revision, resolve }));
  }

  /** Ends the watch with an error. */
  fail(error: StoreError): void {
    if (this.#over) return;
    this[Symbol.dispose]();
    this.#listener.failed(error);
  }

  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#over = true;
    this.#wake();
    this.#carrier.ended(this);
  }

  /**
   * Compaction may remove a deletion at the very revision that it keeps (etcd before 3.5.19), so that a watch which starts
   * there would miss it: what comes is handed over only if nothing behind `heard` was gone when it had come already.
   */
  async #verify(): Promise<void> {
    const incarnation = this.#incarnation;
    const arrived = this.#unverified?.length ?? 0;
    try {
      await this.#carrier.verify(this.#heard);
    } catch (error) {
      if (incarnation !== this.#incarnation || this.#over) return;
      if (error instanceof StoreError && (error.kind === 'compacted' || error.kind === 'future'))
        return this.fail(error);
      // Once more, unless the stream broke as well: the next one asks again by itself.
      return arrived > 0 ? this.#verify() : undefined;
    }
    if (incarnation !== this.#incarnation || this.#over || arrived === 0) return;
    const held = this.#unverified ?? [];
    this.#unverified = undefined;
    for (const answer of held) this.#take(answer);
  }

  #take(answer: EtcdWatchAnswer): void {
    if (answer.events.length === 0) return this.#progress(answer.header.revision);
    this.#fragments.push(answer);
    if (answer.fragment) return;
    const events = this.#fragments.flatMap((part) => part.events);
    this.#fragments = [];
    const batch: StoreEvent[] = [];
    for (const event of events) {
      if (event.kv.modRevision <= this.#heard) continue;
      // The version before the deletion was compacted while the watch was behind.
      if (event.type === deletionType && !event.prevKv)
        return this.fail(compactedError(event.kv.modRevision - 1, event.kv.modRevision));
      batch.push(storeEventOf(event, this.#keyOf(event.kv.key)));
    }
    this.#heard = Math.max(this.#heard, events.at(-1)?.kv.modRevision ?? 0);
    if (batch.length > 0) this.#listener.events(batch);
    this.#wake();
  }

  /** There is nothing up to `revision` that was not heard. */
  #progress(revision: number): void {
    if (this.#over || this.#fragments.length > 0 || revision <= this.#heard) return;
    this.#heard = revision;
    this.#listener.progress?.(revision);
    this.#wake();
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = this.#over ? [] : waiters.filter(({ revision }) => revision > this.#heard);
    for (const { revision, resolve } of waiters) if (this.#over || revision <= this.#heard) resolve();
  }
}

function storeEventOf({ type, kv, prevKv }: EtcdEvent, key: string): StoreEvent {
  const deleted = type === deletionType;
  return {
    type: deleted ? 'deleted' : kv.createRevision === kv.modRevision ? 'created' : 'updated',
    key,
    value: ownBytes(deleted ? (prevKv?.value ?? kv.value) : kv.value),
    revision: kv.modRevision,
  };
}

/** A copy: what is read of a message would keep all of it in memory, whatever else it carried. */
export function ownBytes(part: Uint8Array): Uint8Array {
  return new Uint8Array(part);
}
