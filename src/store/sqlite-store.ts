import { Worker } from 'node:worker_threads';
import type { Write, WriteResult } from './sqlite-database.ts';
import { packWrites, unpackResults, unpackValues } from './sqlite-packing.ts';
import type { NumberedRequest, WorkerAnswers, WorkerReply, WorkerRequest } from './sqlite-protocol.ts';
import { StoreError } from './store.ts';
import type { Store, StoreEvent, StoreList, StoreListOptions, StoreListener, StoredValue } from './store.ts';
import { StoreWatchers } from './store-watchers.ts';

/** Options of `openSqliteStore`. */
export interface SqliteStoreOptions {
  /** The database file; created when absent. */
  readonly path: string;
  /** The module that runs in the worker thread; default: the source next to this one. A bundle gives its own. */
  readonly worker?: URL | undefined;
}

interface PendingWrite {
  readonly write: Write;
  readonly resolve: (revision: number) => void;
  readonly reject: (error: StoreError) => void;
}

/** Opens a store in an SQLite file, or throws a StoreError that says why it can't be opened and what to do. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const url = options.worker ?? new URL('./sqlite-worker.ts', import.meta.url);
  const connection = new WorkerConnection(new Worker(url, { workerData: { path: options.path } }));
  return new SqliteStore(connection, Number(await connection.opened));
}

/** Writes that arrive while a transaction commits wait and share the next: one flush to disk for all of them. */
class SqliteStore implements Store {
  readonly #connection: WorkerConnection;
  readonly #watchers = new StoreWatchers();
  #waiting: PendingWrite[] = [];
  #committing = false;
  #revision: number;

  constructor(connection: WorkerConnection, revision: number) {
    this.#connection = connection;
    this.#revision = revision;
    connection.onFailure = (error) => this.#watchers.failAll(error);
  }

  revision(): number {
    return this.#revision;
  }

  get(key: string, options: { readonly revision?: number | undefined } = {}): Promise<StoredValue | undefined> {
    return this.#connection.ask({ op: 'get', key, revision: options.revision });
  }

  async list(prefix: string, options: StoreListOptions = {}): Promise<StoreList> {
    const { items, revision, remaining } = await this.#connection.ask({ op: 'list', prefix, options });
    return { items: unpackValues(items), revision, remaining };
  }

  create(key: string, value: Uint8Array): Promise<number> {
    return this.#write({ type: 'created', key, value });
  }

  update(key: string, value: Uint8Array, expected: number): Promise<number> {
    return this.#write({ type: 'updated', key, value, expected });
  }

  delete(key: string, expected?: number): Promise<number> {
    return this.#write({ type: 'deleted', key, expected });
  }

  watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const watcher = this.#watchers.add(options.prefix, listener);
    // The worker answers in order: what it commits after this answer is dispatched after the start.
    this.#connection.ask({ op: 'events', ...options }).then(
      (events) => watcher.start(events),
      (error: StoreError) => watcher.fail(error),
    );
    return watcher;
  }

  compact(revision: number): Promise<void> {
    return this.#connection.ask({ op: 'compact', revision });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
    this.#watchers.failAll(closed());
  }

  #write(write: Write): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#committing) return;
      this.#committing = true;
      void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Requests that have arrived together are all read before any is committed.
      await turnOfTheLoop();
      const batch = this.#waiting;
      this.#waiting = [];
      const writes = batch.map(({ write }) => write);
      try {
        const results = await this.#connection.ask({ op: 'write', writes: packWrites(writes) });
        this.#acknowledge(batch, unpackResults(writes, results));
      } catch (error) {
        for (const { reject } of batch) reject(error as StoreError);
      }
    }
    this.#committing = false;
  }

  #acknowledge(batch: readonly PendingWrite[], results: readonly WriteResult[]): void {
    const events: StoreEvent[] = [];
    batch.forEach(({ write }, index) => {
      const result = results[index]!;
      if ('refused' in result) return;
      const value = write.type === 'deleted' ? result.deleted! : write.value;
      events.push({ type: write.type, key: write.key, value, revision: result.revision });
    });
    this.#revision = events.at(-1)?.revision ?? this.#revision;
    this.#watchers.dispatch(events);
    batch.forEach(({ write, resolve, reject }, index) => {
      const result = results[index]!;
      if ('refused' in result) reject(refusal(write, result));
      else resolve(result.revision);
    });
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function refusal(write: Write, result: Extract<WriteResult, { refused: string }>): StoreError {
  if (result.refused === 'exists') return new StoreError('exists', `key ${write.key} exists`);
  if (result.refused === 'notFound') return new StoreError('notFound', `key ${write.key} does not exist`);
  const at = 'revision' in result ? ` is at revision ${result.revision}` : ' has another revision';
  return new StoreError('conflict', `key ${write.key}${at}`);
}

function closed(): StoreError {
  return new StoreError('unavailable', 'the store is closed');
}

interface Waiting {
  // A method, so that a resolver of any answer's type fits.
  resolve(value: unknown): void;
  readonly reject: (error: StoreError) => void;
}

/** Numbered questions and answers between this thread and the worker. */
class WorkerConnection {
  /** Resolves with the newest revision once the file is open. */
  readonly opened: Promise<unknown>;
  /** Called once when the worker dies. */
  onFailure: (error: StoreError) => void = () => undefined;
  readonly #worker: Worker;
  readonly #answers = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #next = 0;
  #failure: StoreError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    worker.on('error', (cause) =>
      this.#fail(new StoreError('unavailable', `the store's thread failed: ${cause.message}`, { cause })),
    );
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#fail(closed());
        resolve();
      });
    });
    this.opened = new Promise((resolve, reject) => this.#answers.set(this.#next++, { resolve, reject }));
  }

  ask<R extends WorkerRequest>(request: R): Promise<WorkerAnswers[R['op']]> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const id = this.#next++;
      this.#answers.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request } satisfies NumberedRequest);
    });
  }

  async close(): Promise<void> {
    if (!this.#failure) await this.ask({ op: 'close' });
    await this.#exited;
  }

  #receive(reply: WorkerReply): void {
    const waiting = this.#answers.get(reply.id);
    this.#answers.delete(reply.id);
    if ('error' in reply) waiting?.reject(new StoreError(reply.error.kind, reply.error.message));
    else waiting?.resolve(reply.value);
  }

  #fail(error: StoreError): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const { reject } of this.#answers.values()) reject(error);
    this.#answers.clear();
    this.onFailure(error);
  }
}
