import { StoreError } from '../store.ts';
import type { Store, StoreEvent, StoredValue } from '../store.ts';
import { makeValue, nameOfValue } from './history.ts';
import type { HistoryEntry, HistoryEvent, HistoryOutcome, HistoryRequest, ReadValue } from './history.ts';

/** Where a client writes down what it does. */
export interface RecordingOptions {
  readonly store: Store;
  /** Unique in the history, over processes too. */
  readonly name: string;
  /** Takes each entry before the client goes on. */
  readonly record: (entry: HistoryEntry) => void;
  /** Time on a scale that all clients of the history share; default: this machine's monotonic clock. */
  readonly now?: (() => number) | undefined;
  /** How large the values are, at least; default: as small as may be. */
  readonly size?: (() => number) | undefined;
}

/** A client of a store that writes down every request before it is sent and every answer once it is there. */
export class RecordingClient {
  readonly #options: RecordingOptions;
  #count = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  /** A name for a value that no other write has. */
  uniqueValue(): string {
    return `${this.#options.name}:${this.#count}`;
  }

  /** Sends a request; what comes of it is the outcome, never a rejection. */
  async send(request: HistoryRequest): Promise<HistoryOutcome> {
    const { name, record, now = monotonicNow } = this.#options;
    const id = `${name}#${this.#count++}`;
    record({ at: now(), call: id, request });
    const outcome = await this.#perform(request).catch(outcomeOfError);
    record({ at: now(), end: id, outcome });
    return outcome;
  }

  async #perform(request: HistoryRequest): Promise<HistoryOutcome> {
    const { store, size } = this.#options;
    switch (request.type) {
      case 'create':
        return written(await store.create(request.key, makeValue(request.value, size?.())));
      case 'update':
        return written(await store.update(request.key, makeValue(request.value, size?.()), request.expected));
      case 'delete':
        return written(await store.delete(request.key, request.expected));
      case 'get': {
        const found = await store.get(request.key);
        return { type: 'read', found: found && readValue(found) };
      }
      default: {
        const { items, revision } = await store.list(request.prefix);
        return { type: 'listed', revision, items: items.map(readValue) };
      }
    }
  }
}

/** What a watcher is to hear. */
export interface RecordedWatchOptions {
  readonly store: Store;
  /** The same for every session of a watcher. */
  readonly name: string;
  readonly prefix: string;
  readonly after: number;
  readonly record: (entry: HistoryEntry) => void;
  /** Told when the watch is over; go on with a new one after the last revision heard. */
  readonly failed?: ((error: StoreError) => void) | undefined;
}

/** Watches and writes down what is heard. */
export function recordWatch({ store, name, prefix, after, record, failed }: RecordedWatchOptions): Disposable {
  record({ watch: name, prefix, after });
  return store.watch(
    { prefix, after },
    {
      events: (batch) => record({ heard: name, events: batch.map(historyEvent) }),
      progress: (revision) => record({ heard: name, progress: revision }),
      failed: (error) => failed?.(error),
    },
  );
}

function historyEvent({ type, key, value, revision }: StoreEvent): HistoryEvent {
  return { type, key, value: nameOfValue(value), revision };
}

function readValue({ key, value, revision }: StoredValue): ReadValue {
  return { key, value: nameOfValue(value), revision };
}

function written(revision: number): HistoryOutcome {
  return { type: 'written', revision };
}

/** Nanoseconds that grow alike in all processes of this machine. */
function monotonicNow(): number {
  return Number(process.hrtime.bigint());
}

function outcomeOfError(error: unknown): HistoryOutcome {
  if (!(error instanceof StoreError)) throw error;
  const { kind } = error;
  if (kind === 'exists' || kind === 'conflict' || kind === 'notFound') return { type: 'refused', reason: kind };
  return kind === 'uncertain' ? { type: 'unknown' } : { type: 'failed', reason: `${kind}: ${error.message}` };
}
