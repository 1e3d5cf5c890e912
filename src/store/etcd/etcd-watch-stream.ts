import type { Clock } from '../../base/clock.ts';
import { compactedError, StoreError } from '../store.ts';
import type { EtcdWatchCall } from './etcd-endpoint.ts';
import type { EtcdWatchAnswer } from './etcd-messages.ts';
import type { EtcdWatch } from './etcd-watch.ts';

/** The id of an answer that is about all watches of a stream, or about one that was refused. */
const noWatch = -1;

interface Carried {
  readonly watch: EtcdWatch;
  /** Whether an answer about the progress of all was under way already when the watch was asked for. */
  readonly early: boolean;
  /** The member's revision when it began the watch. */
  begun?: number;
}

/** One stream from one member, on which watches are told apart by ids. */
export class EtcdWatchStream {
  /** Rejects when the stream is over. */
  readonly ended: Promise<never>;
  /** Whether the member can be asked how far it has told everything. */
  canAskProgress = false;
  readonly #call: EtcdWatchCall;
  readonly #clock: Clock;
  readonly #forgetToken: () => void;
  readonly #carried = new Map<number, Carried>();
  readonly #ids = new Map<EtcdWatch, number>();
  /** Watches that the member has not confirmed yet, in the order in which they were asked for. */
  readonly #asked: number[] = [];
  readonly #fail: (error: unknown) => void;
  /** Questions about progress without an answer; those that found a watch lagging never get one. */
  #unanswered = 0;
  #nextId = 1;
  #lastHeard: number;
  #closed = false;

  constructor(call: EtcdWatchCall, clock: Clock, forgetToken: () => void) {
    this.#call = call;
    this.#clock = clock;
    this.#forgetToken = forgetToken;
    this.#lastHeard = clock.monotonic();
    const { promise, reject } = Promise.withResolvers<never>();
    this.ended = promise;
    this.ended.catch(() => undefined);
    this.#fail = (error) => {
      this.#closed = true;
      reject(error);
    };
    call.listen({ answer: (answer) => this.#hear(answer), ended: this.#fail });
  }

  /** For how long, in ms, the member has said nothing. */
  get quietFor(): number {
    return this.#clock.monotonic() - this.#lastHeard;
  }

  /** Begins to carry a watch where it stands. */
  carry(watch: EtcdWatch, rangeEnd: string): void {
    if (this.#closed) return;
    const watchId = this.#nextId++;
    this.#carried.set(watchId, { watch, early: this.#unanswered > 0 });
    this.#ids.set(watch, watchId);
    this.#asked.push(watchId);
    watch.carried();
    const range = { key: watch.prefix, rangeEnd, startRevision: watch.heard + 1 };
    this.#call.send({ create: { ...range, watchId, prevKv: true, progressNotify: true, fragment: true } });
  }

  /** Carries a watch no longer. */
  drop(watch: EtcdWatch): void {
    const watchId = this.#ids.get(watch);
    if (watchId === undefined) return;
    this.#ids.delete(watch);
    this.#carried.delete(watchId);
    if (!this.#closed) this.#call.send({ cancel: { watchId } });
  }

  /** Asks up to which revision everything has been told; the answer comes to all watches, if none lags behind. */
  askProgress(): void {
    if (!this.canAskProgress || this.#closed) return;
    for (const { begun } of this.#carried.values()) if (begun === undefined) return;
    this.#unanswered++;
    this.#call.send({ progress: {} });
  }

  /** Ends the stream. */
  close(error: StoreError): void {
    this.#fail(error);
    this.#call.cancel();
  }

  #hear(answer: EtcdWatchAnswer): void {
    if (this.#closed) return;
    this.#lastHeard = this.#clock.monotonic();
    if (answer.created) return this.#created(answer);
    if (answer.watchId === noWatch) return this.#progressOfAll(answer);
    const watch = this.#carried.get(answer.watchId)?.watch;
    if (watch && answer.canceled) this.#canceled(watch, answer);
    else watch?.hear(answer);
  }

  #created(answer: EtcdWatchAnswer): void {
    // A watch that is refused may be answered without its id; these answers come in the order of the requests.
    const carried = this.#carried.get(this.#asked.shift() ?? noWatch);
    if (!carried) return;
    if (answer.canceled) return this.#canceled(carried.watch, answer);
    carried.begun = answer.header.revision;
    carried.watch.confirmed();
  }

  /** An answer about all watches is not about one that began after it was given, and may yet overtake that one's beginning. */
  #progressOfAll(answer: EtcdWatchAnswer): void {
    const { revision } = answer.header;
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    for (const { watch, early, begun = Infinity } of this.#carried.values()) {
      if (revision > begun || (revision === begun && !early)) watch.hear(answer);
    }
  }

  #canceled(watch: EtcdWatch, { compactRevision, cancelReason }: EtcdWatchAnswer): void {
    if (compactRevision > 0) return watch.fail(compactedError(watch.heard, compactRevision));
    const error = new StoreError('unavailable', `etcd ended the watch of ${watch.prefix}: ${cancelReason}`);
    if (!/auth token|auth store/.test(cancelReason)) return watch.fail(error);
    this.#forgetToken();
    this.close(error);
  }
}
