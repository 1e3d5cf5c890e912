import type { Clock } from '../base/clock.ts';
import { hasReason } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { keyOf, keyString, parseKey } from '../machinery/resource.ts';
import type { ApiObject, ObjectKey } from '../machinery/resource.ts';
import type { Client } from './client.ts';
import type { Controller, ControllerContext, Watched } from './controller.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { InformerSet } from './informer-set.ts';
import { silentMetrics } from './runner-metrics.ts';
import type { ReconcileResult, RunnerMetrics } from './runner-metrics.ts';
import { followKinds } from './follow-kinds.ts';
import { WorkQueue } from './work-queue.ts';
import { writeThroughClient } from './write-through-client.ts';

/** What a controller runs with. */
export interface ControllerRunnerOptions {
  readonly controller: Controller;
  /** The controller's own identity. */
  readonly client: Client;
  /** Shared by all controllers of the process; somebody else runs it. */
  readonly informers: InformerSet;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: RunnerMetrics | undefined;
}

const defaultWorkers = 5;

/** Runs one controller: wakes its keys when something changes and reconciles them, with back-off after failures. */
export class ControllerRunner {
  readonly #controller: Controller;
  readonly #options: ControllerRunnerOptions;
  readonly #queue: WorkQueue;
  readonly #client: Client;
  readonly #log: Logger;
  readonly #metrics: RunnerMetrics;

  constructor(options: ControllerRunnerOptions) {
    this.#options = options;
    this.#controller = options.controller;
    this.#queue = new WorkQueue({ clock: options.clock });
    this.#client = writeThroughClient(options.client, options.informers, options.clock);
    this.#log = options.log.with({ controller: options.controller.name });
    this.#metrics = options.metrics ?? silentMetrics;
    // Declared before the informers run, so that the first list already fills them.
    for (const index of this.#controller.indexes ?? []) {
      // The function itself, not a wrapper: its identity tells whether two controllers mean the same index.
      options.informers.informer(index.resource).cache.addIndex(index.name, index.values);
    }
    for (const { resource } of this.#watched()) options.informers.informer(resource);
    if (this.#controller.feed) options.informers.informer(this.#controller.feed.from);
  }

  /** Keys that are ready or being reconciled, as `controller key`. */
  get busy(): readonly string[] {
    return this.#queue.busy.map((key) => `${this.#controller.name} ${key}`);
  }

  /** Runs until aborted; resolves when the last reconcile has ended. */
  async run(signal: AbortSignal): Promise<void> {
    using subscriptions = new DisposableStack();
    for (const watched of this.#watched()) subscriptions.use(this.#subscribe(watched));
    if (this.#controller.feed)
      subscriptions.use(followKinds(this.#controller.feed, this.#options, (watched) => this.#subscribe(watched)));
    const stop = (): void => this.#queue.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.all(
        this.#watched().map(({ resource }) => this.#options.informers.informer(resource).whenSynced(signal)),
      );
    } catch {
      return;
    }
    this.#log.v(2).info('Caches are synced');
    const context: ControllerContext = {
      cache: this.#options.informers,
      client: this.#client,
      clock: this.#options.clock,
      random: this.#options.random,
      log: this.#log,
      events: this.#options.events,
      signal,
    };
    const workers = this.#controller.workers ?? defaultWorkers;
    await Promise.all(Array.from({ length: workers }, () => this.#work(context)));
  }

  #watched(): readonly Watched[] {
    const main: Watched = { resource: this.#controller.for, keys: (object) => [keyOf(object)] };
    return [main, ...(this.#controller.watches ?? [])];
  }

  #subscribe(watched: Watched): Disposable {
    const { informers } = this.#options;
    return informers.informer(watched.resource).subscribe((change) => {
      const wake = (object: ApiObject): void => {
        for (const key of watched.keys(object, { cache: informers, old: change.old })) this.#add(key);
      };
      wake(change.object);
      // What an object no longer refers to must notice, too.
      if (change.type === 'updated') wake(change.old);
    });
  }

  #add(key: ObjectKey): void {
    this.#queue.add(keyString(key));
    this.#metrics.depth(this.#controller.name, this.#queue.depth);
  }

  async #work(context: ControllerContext): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      const started = context.clock.monotonic();
      const result = await this.#reconcile(key, context);
      this.#queue.done(key);
      const seconds = (context.clock.monotonic() - started) / 1000;
      this.#metrics.reconciled({ controller: this.#controller.name, result, seconds });
    }
  }

  async #reconcile(key: string, context: ControllerContext): Promise<ReconcileResult> {
    try {
      const { again } = await this.#controller.reconcile(parseKey(key), context);
      const delay = earliest(again, this.#controller.resync);
      // At once, but with back-off: a controller that always asks for it must not keep the process from all else.
      if (delay !== undefined && delay <= 0) {
        this.#queue.retry(key);
        return 'requeue_after';
      }
      this.#queue.forget(key);
      if (delay !== undefined) this.#queue.addAfter(key, delay);
      return again === undefined ? 'success' : 'requeue_after';
    } catch (error) {
      if (context.signal.aborted) return 'error';
      // Somebody else was faster; the change is on its way here.
      const overtaken = hasReason(error, 'Conflict', 'NotFound');
      if (overtaken) this.#log.v(4).info('Overtaken by another change; trying again', { key, err: error });
      else this.#log.error('Reconcile failed; trying again', { key, err: error });
      this.#queue.retry(key);
      return 'error';
    }
  }
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
