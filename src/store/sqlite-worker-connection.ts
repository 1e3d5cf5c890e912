import type { Worker } from 'node:worker_threads';
import type { NumberedRequest, WorkerAnswers, WorkerReply, WorkerRequest } from './sqlite-protocol.ts';
import { StoreError } from './store.ts';
import type { StoreEvent } from './store.ts';

/** Who waits for an answer; called while it is received, so that answers are acted on in their order. */
export interface AnswerTo<A> {
  // Methods, so that who waits for any answer fits.
  resolve(answer: A): void;
  reject(error: StoreError): void;
}

/** Numbered questions and answers between this thread and the worker. */
export class WorkerConnection {
  /** Resolves with the newest revision once the file is open. */
  readonly opened: Promise<unknown>;
  /** Called once when the worker dies. */
  onFailure: (error: StoreError) => void = () => undefined;
  /** Called with what the store deleted because its time was over. */
  onExpired: (events: readonly StoreEvent[]) => void = () => undefined;
  readonly #worker: Worker;
  readonly #answers = new Map<number, AnswerTo<unknown>>();
  readonly #writes = new Set<number>();
  readonly #exited: Promise<void>;
  #next = 0;
  #failure: StoreError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    worker.on('error', (cause) => {
      const message = `the store's thread failed: ${cause.message}; restart the server`;
      this.#fail(new StoreError('unavailable', message, { cause }));
    });
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#fail(closedError());
        resolve();
      });
    });
    this.opened = new Promise((resolve, reject) => this.#answers.set(this.#next++, { resolve, reject }));
  }

  /** Asks and tells when there is an answer. */
  send<R extends WorkerRequest>(request: R, to: AnswerTo<WorkerAnswers[R['op']]>): number {
    const id = this.#next++;
    if (this.#failure) {
      to.reject(this.#failure);
      return id;
    }
    this.#answers.set(id, to);
    if (request.op === 'write') this.#writes.add(id);
    this.#worker.postMessage({ id, request } satisfies NumberedRequest);
    return id;
  }

  /** Asks and waits for the answer; rejects with the signal's reason when that is aborted first. */
  ask<R extends WorkerRequest>(request: R, signal?: AbortSignal): Promise<WorkerAnswers[R['op']]> {
    if (!signal) return new Promise((resolve, reject) => void this.send(request, { resolve, reject }));
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => {
        this.#answers.delete(id);
        reject(signal.reason as Error);
      };
      const over = (): void => signal.removeEventListener('abort', abort);
      const id = this.send(request, {
        resolve(answer) {
          over();
          resolve(answer);
        },
        reject(error) {
          over();
          reject(error);
        },
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async close(): Promise<void> {
    if (!this.#failure) await this.ask({ op: 'close' });
    await this.#exited;
  }

  #receive(reply: WorkerReply): void {
    if ('expired' in reply) return this.onExpired(reply.expired);
    const waiting = this.#answers.get(reply.id);
    this.#answers.delete(reply.id);
    this.#writes.delete(reply.id);
    if ('error' in reply) waiting?.reject(new StoreError(reply.error.kind, reply.error.message));
    else waiting?.resolve(reply.value);
  }

  #fail(error: StoreError): void {
    if (this.#failure) return;
    this.#failure = error;
    const waiting = [...this.#answers];
    this.#answers.clear();
    for (const [id, { reject }] of waiting) reject(this.#writes.has(id) ? unanswered(error) : error);
    this.onFailure(error);
  }
}

/** The error for what is asked of a store that is closed. */
export function closedError(): StoreError {
  return new StoreError('unavailable', 'the store is closed');
}

function unanswered(cause: StoreError): StoreError {
  return new StoreError('uncertain', `${cause.message}; whether the write was made is not known`, { cause });
}
