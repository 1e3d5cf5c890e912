/**
 * `kubets bench store [--seconds N] [--stores sqlite,memory,etcd] [--quick]`: how fast each store is by itself, without an
 * API server: writes of 2 KB, each durable before it is acknowledged (not in memory), one by one and 64 at a time; reads;
 * watch events; start and memory with 10,000 and 100,000 objects of 1 KB; size after an hour of updates, done as fast as may
 * be. etcd is Debian's 3.5, one member on loopback, asked over gRPC.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Store } from '../src/store/store.ts';
import { residentBytes } from './load/store-location.ts';
import { storeHomes } from './load/store-under-test.ts';
import type { StoreHome } from './load/store-under-test.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    stores: { type: 'string', default: Object.keys(storeHomes).join(',') },
    quick: { type: 'boolean', default: false },
  },
});

const seconds = Number(flags.seconds);
const kilobyte = new Uint8Array(1024).fill(0x78);
const written = new Uint8Array(2048).fill(0x78);
/** How many objects are updated during the hour of churn, how often, and how often that is compacted, in seconds. */
const churn = { objects: 100, updatesPerSecond: 50, seconds: 3600, compactEvery: 300 };
const objectCounts = flags.quick ? [10_000] : [10_000, 100_000];
const watchers = 200;
const watchedUpdates = 1_000;

const whole = (figure: number): string => Math.round(figure).toLocaleString('en');
const megabytes = (bytes: number): string => `${whole(bytes / 1e6)} MB`;

function show(what: string, ...figures: readonly string[]): void {
  console.log(`${what.padEnd(46)}${figures.map((figure) => figure.padStart(12)).join('')}`);
}

/** Keeps so many requests under way; answers a second. */
async function rate(clients: number, one: (client: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let count = 0;
  const client = async (index: number): Promise<void> => {
    for (; performance.now() < end; count++) await one(index);
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return count / ((performance.now() - started) / 1000);
}

async function measure(what: string, one: (client: number) => Promise<unknown>): Promise<void> {
  await rate(8, one);
  const single = await rate(1, one);
  show(what, whole(single), whole(await rate(64, one)));
}

async function measureRequests(store: Store): Promise<void> {
  let made = 0;
  const keyOf = (index: number): string => `/registry/configmaps/default/object-${index}`;
  await measure('creates/s of 2 KB', () => store.create(keyOf(made++), written));
  const revisions: number[] = [];
  await measure('updates/s of 2 KB, an object each', async (client) => {
    const key = `/registry/configmaps/updated/object-${client}`;
    const revision = revisions[client];
    revisions[client] = revision ? await store.update(key, written, revision) : await store.create(key, written);
  });
  await measure('reads/s', () => store.get(keyOf(Math.floor(Math.random() * made))));
  await measure('lists/s of 500', () => store.list('/registry/configmaps/default/', { limit: 500, counted: false }));
}

/** Events per second that all watchers hear together, while so many clients update an object each. */
async function eventRate(store: Store, clients: number): Promise<number> {
  const prefix = `/registry/watched/${clients}/`;
  let heard = 0;
  let finish = (): void => undefined;
  const all = new Promise<void>((resolve) => (finish = resolve));
  const objects = await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const key = `${prefix}${index}`;
      return { key, revision: await store.create(key, kilobyte) };
    }),
  );
  using open = new DisposableStack();
  const after = await store.revision();
  for (let index = 0; index < watchers; index++) {
    const events = (batch: readonly unknown[]): void => {
      heard += batch.length;
      if (heard === watchers * watchedUpdates) finish();
    };
    const failed = (error: Error): void => {
      throw error;
    };
    open.use(store.watch({ prefix, after }, { events, failed }));
  }
  const started = performance.now();
  let left = watchedUpdates;
  await Promise.all(
    objects.map(async (object) => {
      while (left-- > 0) object.revision = await store.update(object.key, kilobyte, object.revision);
    }),
  );
  await all;
  return (watchers * watchedUpdates) / ((performance.now() - started) / 1000);
}

async function fill(store: Store, count: number, from: number): Promise<void> {
  let next = from;
  const client = async (): Promise<void> => {
    while (next < count) await store.create(`/registry/configmaps/default/kept-${next++}`, kilobyte.slice());
  };
  await Promise.all(Array.from({ length: 256 }, client));
}

interface ReaderReport {
  readonly objects: number;
  readonly openMs: number;
  readonly listMs: number;
  readonly memory: number;
}

/** What a process that starts with the data takes to have it all. */
async function readElsewhere(location: readonly string[]): Promise<ReaderReport> {
  const program = fileURLToPath(new URL('load/store-reader.ts', import.meta.url));
  const child = fork(program, [...location], { execArgv: [...process.execArgv, '--expose-gc'] });
  const [[report]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [[ReaderReport], unknown];
  return report;
}

async function measureStart(home: StoreHome): Promise<void> {
  let kept = 0;
  for (const count of objectCounts) {
    const before = residentBytes(process.pid);
    const store = await home.open();
    await fill(store, count, kept);
    kept = count;
    const title = `with ${count.toLocaleString('en')} objects of 1 KB`;
    if (!home.location) show(`memory ${title}`, megabytes(residentBytes(process.pid) - before));
    await store[Symbol.asyncDispose]();
    if (!home.location) continue;
    const restart = await home.restart?.();
    if (restart !== undefined) show(`start of the server ${title}`, `${whole(restart)} ms`);
    const { objects, openMs, listMs, memory } = await readElsewhere(home.location);
    if (objects < count) throw new Error(`the store holds ${objects} objects instead of ${count}`);
    show(`start ${title}: open, read all`, `${whole(openMs)} ms`, `${whole(listMs)} ms`);
    show(`memory ${title}: client, server`, megabytes(memory), home.memory ? megabytes(home.memory()) : '');
    if (home.size) show(`size ${title}`, megabytes(home.size()));
  }
}

/** An hour of updates with compaction every five minutes, of what was newest five minutes before, as the API server does. */
async function measureChurn(home: StoreHome): Promise<void> {
  await using store = await home.open();
  const updates = churn.updatesPerSecond * (flags.quick ? churn.compactEvery * 2 : churn.seconds);
  const compactions = new Compactions(store, churn.updatesPerSecond * churn.compactEvery);
  let largest = 0;
  let slowest = 0;
  let left = updates;
  const client = async (index: number): Promise<void> => {
    const key = `/registry/leases/default/object-${index}`;
    let revision = await store.create(key, kilobyte);
    while (left-- > 0) {
      const started = performance.now();
      revision = await store.update(key, kilobyte, revision);
      slowest = Math.max(slowest, performance.now() - started);
      compactions.count(revision);
      if (left % 1_000 === 0) largest = Math.max(largest, home.size?.() ?? 0);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: churn.objects }, (_, index) => client(index)));
  const took = (performance.now() - started) / 1000;
  await compactions.finished;
  show(`${whole(updates)} updates of ${churn.objects} objects, compacted`, `${whole(updates / took)}/s`);
  show('longest update among them', `${whole(slowest)} ms`);
  if (!home.size) return;
  await store.compact(await store.revision());
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  show('size: largest, after the last compaction', megabytes(largest), megabytes(home.size()));
}

/** Forgets, every so many updates, what was superseded one such time before. */
class Compactions {
  finished: Promise<unknown> = Promise.resolve();
  readonly #store: Store;
  readonly #every: number;
  #updates = 0;
  #next: number | undefined;

  constructor(store: Store, every: number) {
    this.#store = store;
    this.#every = every;
  }

  count(revision: number): void {
    if (++this.#updates % this.#every !== 0) return;
    const due = this.#next;
    this.#next = revision;
    if (due !== undefined) this.finished = Promise.all([this.finished, this.#store.compact(due)]);
  }
}

async function measureStore(name: string): Promise<void> {
  const make = storeHomes[name];
  if (!make) throw new Error(`bench store knows ${Object.keys(storeHomes).join(', ')}, not ${name}`);
  show(`== ${name}`, '1 client', '64 clients');
  {
    await using home = await make();
    await using store = await home.open();
    await measureRequests(store);
    const rates = [await eventRate(store, 1), await eventRate(store, 64)];
    show(`events/s: ${watchers} watchers, ${watchedUpdates} updates`, ...rates.map(whole));
  }
  {
    await using home = await make();
    await measureStart(home);
  }
  await using home = await make();
  await measureChurn(home);
}

for (const name of flags.stores.split(',')) await measureStore(name);
