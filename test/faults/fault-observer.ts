import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../e2e/run.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Random } from '../../src/base/random.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { openEtcdStore } from '../../src/store/etcd/etcd-store.ts';
import type { Store } from '../../src/store/store.ts';
import { checkHistory } from '../../src/store/testing/check-history.ts';
import { History } from '../../src/store/testing/history.ts';
import type { HistoryOutcome, HistoryRequest } from '../../src/store/testing/history.ts';
import { RecordingClient } from '../../src/store/testing/recording-client.ts';
import type { RecordingOptions } from '../../src/store/testing/recording-client.ts';
import { runWorkload } from '../../src/store/testing/workload.ts';
import { ApiStore, apiPrefix } from './api-store.ts';
import { Deletions } from './deletions.ts';
import type { FaultCluster } from './fault-cluster.ts';
import { Follower } from './follower.ts';

/** Keys beside those of the API servers, which this process writes and reads by itself. */
const storePrefix = '/registry/faults/';
/** How long this process waits for etcd, in ms. */
const storeTimeout = 5_000;
const clientsPerWay = 2;
const keysPerScenario = 3;
/** Milliseconds between requests of a client, at most: a history of some hundred requests a scenario is enough. */
const longestPause = 60;
/** How often it is tried to write while it is measured when writing is possible again. */
const probeInterval = 100;
const probeLimit = 20_000;

/** A way to the data: through one of the API servers, or straight to etcd. */
export interface Way {
  readonly name: string;
  readonly store: Store;
  readonly prefix: string;
  readonly follower: Follower;
}

/** A way through an API server. */
export interface ServerWay extends Way {
  readonly store: ApiStore;
  /** The same for those who ask the server to take three seconds at most. */
  readonly impatient: Way;
}

/** A client that takes breath before it asks. */
class CalmClient extends RecordingClient {
  readonly #random: Random;

  constructor(options: RecordingOptions, random: Random) {
    super(options);
    this.#random = random;
  }

  override async send(request: HistoryRequest): Promise<HistoryOutcome> {
    await sleep(this.#random.next() * longestPause);
    return super.send(request);
  }
}

/** Clients and watchers on every way to the data. All that they asked and were told is one history. */
export class FaultObserver implements AsyncDisposable {
  readonly history = new History();
  readonly #random: Random;
  readonly #cleanup = new AsyncDisposableStack();
  readonly #ways: Way[] = [];
  readonly #servers: ServerWay[] = [];
  /** Probes under way. */
  readonly #open = new Set<Promise<unknown>>();
  /** What was found to be wrong before. */
  readonly #told = new Set<string>();
  #scenario = '';
  #clients = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Begins to watch; `scenarios` are the names of those to come. */
  async begin({ servers, etcd: { endpoints } }: FaultCluster, scenarios: readonly string[]): Promise<void> {
    const deletions = new Deletions();
    for (const { name, connection } of servers) {
      const store = this.#cleanup.use(new ApiStore(connection, deletions));
      if (this.#servers.length === 0) for (const scenario of scenarios) await store.createNamespace(scenario);
      const way = await this.#follow({ name, store, prefix: apiPrefix });
      const impatient = { ...way, store: this.#cleanup.use(new ApiStore(connection, deletions, '3s')) };
      this.#servers.push({ ...way, impatient });
    }
    const options = { endpoints, clock: systemClock, log: silentLogger, requestTimeout: storeTimeout };
    const store = this.#cleanup.use(openEtcdStore(options));
    this.#ways.push(...this.#servers, await this.#follow({ name: 'etcd', store, prefix: storePrefix }));
  }

  /** The ways through the API servers. */
  get servers(): readonly [ServerWay, ServerWay] {
    return [this.#servers[0]!, this.#servers[1]!];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup.disposeAsync();
  }

  /** Lets clients work on every way while something befalls the cluster and is over again; then checks all that was told. */
  async during(scenario: string, fault: () => Promise<void>): Promise<void> {
    this.#scenario = scenario;
    let over = false;
    const keys = Array.from({ length: keysPerScenario }, (_, index) => `${scenario}/${index}`);
    const working = this.#ways.flatMap((way) =>
      Array.from({ length: clientsPerWay }, () =>
        runWorkload({
          client: new CalmClient(this.#clientOf(way), this.#random),
          keys: keys.map((key) => way.prefix + key),
          prefix: `${way.prefix}${scenario}/`,
          random: this.#random,
          goOn: () => !over,
        }),
      ),
    );
    const worked = Promise.all(working);
    try {
      await Promise.race([fault(), worked]);
    } finally {
      over = true;
    }
    await worked;
    await Promise.all(this.#open);
    await this.#hearAll();
    this.check();
  }

  /** Throws unless the whole history is as it must be. */
  check(): void {
    const violations = checkHistory(this.history, { watchedToTheEnd: true });
    const improper = this.#servers.flatMap(({ store }) => store.improper);
    const wrong = [...violations, ...improper].filter((what) => !this.#told.has(what));
    for (const what of wrong) this.#told.add(what);
    if (wrong.length > 0) throw new Error(`${wrong.length} things were wrong:\n${wrong.slice(0, 20).join('\n')}`);
  }

  /** Milliseconds from now until each way has taken a write that began from now on. */
  async resumed(ways: readonly Way[] = this.#ways): Promise<number> {
    const began = performance.now();
    await Promise.all(ways.map((way) => this.#untilWritten(way, began + probeLimit)));
    return performance.now() - began;
  }

  /** Asks for one thing, and answers what became of it and how many milliseconds that took. */
  async ask(way: Way, request: HistoryRequest): Promise<{ readonly outcome: HistoryOutcome; readonly ms: number }> {
    const began = performance.now();
    const outcome = await new RecordingClient(this.#clientOf(way)).send(request);
    return { outcome, ms: performance.now() - began };
  }

  /** A key of the present scenario that no client works on. */
  freeKey(way: Way): string {
    return `${way.prefix}${this.#scenario}/free-${this.#clients++}`;
  }

  /** A key of the present scenario that there is: of the last thing that was written through this way. */
  knownKey(way: Way): string {
    const prefix = `${way.prefix}${this.#scenario}/free-`;
    const written = this.history.operations.findLast(
      ({ request, outcome }) => 'key' in request && request.key.startsWith(prefix) && outcome.type === 'written',
    );
    if (!written || !('key' in written.request)) throw new Error(`nothing was written through ${way.name} yet`);
    return written.request.key;
  }

  /** How much of what was done. */
  summary(): string {
    const outcomes = Map.groupBy(this.history.operations, ({ request, outcome }) => `${request.type} ${outcome.type}`);
    const counts = [...outcomes].map(([what, operations]) => `${operations.length} ${what}`).sort();
    const heard = this.history.watches.flatMap(({ sessions }) => sessions).flatMap(({ events }) => events);
    const slowest = this.#servers.map(({ name, store }) => `${Math.round(store.slowest)} ms ${name}`).join(', ');
    return `${counts.join(', ')}; ${heard.length} events in ${this.history.watches.length} watches; slowest answers ${slowest}`;
  }

  /** Lets etcd forget all that is past. */
  async compact(): Promise<void> {
    const { store } = this.#ways.at(-1)!;
    await store.compact(await store.revision());
  }

  async #follow<S extends Store>(way: {
    name: string;
    store: S;
    prefix: string;
  }): Promise<Way & { readonly store: S }> {
    const follower = await Follower.begin({ ...way, history: this.history });
    this.#cleanup.use(follower);
    return { ...way, follower };
  }

  #clientOf({ name, store }: Way): RecordingOptions {
    return { store, name: `${this.#scenario}.${name}.${this.#clients++}`, record: this.history.add };
  }

  /** Begins one write after the other until one is acknowledged: one that is under way may hang, as may those after it. */
  async #untilWritten(way: Way, limit: number): Promise<void> {
    const written = Promise.withResolvers<true>();
    for (let done = false; !done;) {
      if (performance.now() > limit) throw new Error(`no write through ${way.name} within ${probeLimit} ms`);
      const key = this.freeKey(way);
      const probe = this.ask(way, { type: 'create', key, value: `probe:${key}` });
      const noted = probe.then(({ outcome }) => outcome.type === 'written' && written.resolve(true));
      this.#open.add(noted);
      void noted.finally(() => this.#open.delete(noted));
      done = await Promise.race([written.promise, sleep(probeInterval, false)]);
    }
  }

  /** Waits until all watchers have been told of all that was written before. */
  async #hearAll(): Promise<void> {
    for (const way of this.#ways) {
      const revision = await eventually(`a write through ${way.name}`, () => this.#mark(way));
      const watching = this.#ways.filter(({ prefix }) => prefix === way.prefix);
      await eventually(`the watchers of ${way.name}`, async () =>
        Promise.resolve(watching.every(({ follower }) => follower.reached >= revision)),
      );
      for (const { follower } of watching) this.history.add({ heard: follower.name, mustReach: revision });
    }
  }

  async #mark(way: Way): Promise<number | undefined> {
    const key = this.freeKey(way);
    const { outcome } = await this.ask(way, { type: 'create', key, value: `mark:${key}` });
    return outcome.type === 'written' ? outcome.revision : undefined;
  }
}
