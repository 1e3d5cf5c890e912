import { Worker } from 'node:worker_threads';
import type { Write, WriteResult } from './sqlite-database.ts';
import type { SqliteWorkerData } from './sqlite-protocol.ts';
import { packWrites, unpackResults, unpackValues } from './sqlite-packing.ts';
import { WorkerConnection, closedError } from './sqlite-worker-connection.ts';
import { StoreError, sizeError } from './store.ts';
import type {
  Store,
  StoreEvent,
  StoreGetOptions,
  StoreList,
  StoreListOptions,
  StoreListener,
  StoreWriteOptions,
  StoredValue,
} from './store.ts';
import { StoreWatchers } from './store-watchers.ts';

/** Options of `openSqliteStore`. */
export interface SqliteStoreOptions {
  /** The database file; created when absent. */
  readonly path: string;
  /** The module that runs in the worker thread; default: the source next to this one. A bundle gives its own. */
  readonly worker?: URL | undefined;
  /** How many revisions the index in the file may be behind the log; default: 10,000. */
  readonly indexLag?: number | undefined;
}

interface PendingWrite {
  readonly write: Write;
  readonly resolve: (revision: number) => void;
  readonly reject: (error: StoreError) => void;
}

/** Opens a store in an SQLite file, or throws a StoreError that says why it can't be opened and what to do. */
export async function openSqliteStore({ worker, path, indexLag }: SqliteStoreOptions): Promise<Store> {
  const url = worker ?? new URL('./sqlite-worker.ts', import.meta.url);
  const workerData = { path, indexLag } satisfies SqliteWorkerData;
  const connection = new WorkerConnection(new Worker(url, { workerData }));
  return new SqliteStore(connection, Number(await connection.opened));
}

/**
 * Writes of one turn of the event loop travel together. What waits for the thread when it is ready for more shares one
 * transaction, and so one flush to disk; meanwhile the next ones are being prepared here.
 */
class SqliteStore implements Store {
  readonly #connection: WorkerConnection;
  readonly #watchers = new StoreWatchers();
  #waiting: PendingWrite[] = [];
  #revision: number;

  constructor(connection: WorkerConnection, revision: number) {
    this.#connection = connection;
    this.#revision = revision;
    connection.onFailure = (error) => this.#watchers.failAll(error);
    connection.onExpired = (events) => this.#hear(events);
  }

  revision(): number {
    return this.#revision;
  }

  get(key: string, { revision, signal }: StoreGetOptions = {}): Promise<StoredValue | undefined> {
    return this.#connection.ask({ op: 'get', key, revision }, signal);
  }

  async list(prefix: string, { signal, ...options }: StoreListOptions = {}): Promise<StoreList> {
    const { items, revision, remaining } = await this.#connection.ask({ op: 'list', prefix, options }, signal);
    return { items: unpackValues(items), revision, remaining };
  }

  create(key: string, value: Uint8Array, options?: StoreWriteOptions): Promise<number> {
    return this.#put({ type: 'created', key, value, ttl: options?.ttl }, options);
  }

  update(key: string, value: Uint8Array, expected: number, options?: StoreWriteOptions): Promise<number> {
    return this.#put({ type: 'updated', key, value, expected, ttl: options?.ttl }, options);
  }

  delete(key: string, expected?: number): Promise<number> {
    return this.#write({ type: 'deleted', key, expected });
  }

  watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const watcher = this.#watchers.add(options.prefix, listener);
    // The worker answers in order: what it commits after this answer is dispatched after the start.
    this.#connection.send(
      { op: 'events', prefix: options.prefix, after: options.after },
      { resolve: (events) => watcher.start(events), reject: (error) => watcher.fail(error) },
    );
    return watcher;
  }

  compact(revision: number): Promise<void> {
    return this.#connection.ask({ op: 'compact', revision });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
    this.#watchers.failAll(closedError());
  }

  #put(write: Extract<Write, { value: Uint8Array }>, options: StoreWriteOptions | undefined): Promise<number> {
    const tooLarge = sizeError(write.key, write.value, options);
    return tooLarge ? Promise.reject(tooLarge) : this.#write(write);
  }

  #write(write: Write): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      // Requests that have arrived together are all read before any is committed.
      if (this.#waiting.length === 1) setImmediate(() => this.#send());
    });
  }

  #send(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const writes = batch.map(({ write }) => write);
    this.#connection.send(
      { op: 'write', writes: packWrites(writes) },
      {
        resolve: (results) => this.#acknowledge(batch, unpackResults(writes, results)),
        reject: (error) => {
          for (const { reject } of batch) reject(error);
        },
      },
    );
  }

  #hear(events: readonly StoreEvent[]): void {
    this.#revision = events.at(-1)?.revision ?? this.#revision;
    this.#watchers.dispatch(events);
  }

  #acknowledge(batch: readonly PendingWrite[], results: readonly WriteResult[]): void {
    const events: StoreEvent[] = [];
    batch.forEach(({ write }, index) => {
      const result = results[index]!;
      if ('refused' in result) return;
      const value = write.type === 'deleted' ? result.deleted! : write.value;
      events.push({ type: write.type, key: write.key, value, revision: result.revision });
    });
    this.#hear(events);
    batch.forEach(({ write, resolve, reject }, index) => {
      const result = results[index]!;
      if ('refused' in result) reject(refusal(write, result));
      else resolve(result.revision);
    });
  }
}

function refusal(write: Write, result: Extract<WriteResult, { refused: string }>): StoreError {
  if (result.refused === 'exists') return new StoreError('exists', `key ${write.key} exists`);
  if (result.refused === 'notFound') return new StoreError('notFound', `key ${write.key} does not exist`);
  if (result.refused === 'corrupt') return new StoreError('corrupt', result.message);
  const at = 'revision' in result ? ` is at revision ${result.revision}` : ' has another revision';
  return new StoreError('conflict', `key ${write.key}${at}`);
}
