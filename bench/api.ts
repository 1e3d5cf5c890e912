/**
 * `kubets bench api [--seconds N] [--only TEXT] [--quick] [--etcd 3.4|3.5] [--kubeconfig FILE] [--sources] [--profile DIR]`:
 * how fast the API server is over HTTPS (HTTP/2, four connections), on ConfigMaps of 1 KB in a durable store (SQLite, or an
 * etcd on the same machine), with one client and with 64; and how much memory it takes. It runs in a process of its own, all
 * clients in this one. With a kubeconfig the same is asked of another server, in namespaces that are removed again.
 */
import { parseArgs } from 'node:util';
import { tlsOptionsOf } from '../src/client/connection.ts';
import type { Connection } from '../src/client/connection.ts';
import { loadKubeconfig } from '../src/client/kubeconfig.ts';
import { startBareServer, startBenchServer } from './load/bench-server.ts';
import type { BenchServer } from './load/bench-server.ts';
import { EventCounter, Load } from './load/load.ts';
import type { MakeRequest } from './load/load.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    etcd: { type: 'string' },
    kubeconfig: { type: 'string' },
    sources: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

const seconds = Number(flags.seconds);
const namespaces = { writes: 'kubets-bench-writes', lists: 'kubets-bench-lists', watches: 'kubets-bench-watches' };
const collection = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;
const written = collection(namespaces.writes);
const listed = collection(namespaces.lists);
const watched = collection(namespaces.watches);
const value = 'x'.repeat(1000);
const listedObjects = 8000;
const keptObjects = 100_000;
const watchers = 200;
const updates = 1000;
const protobuf = 'application/vnd.kubernetes.protobuf';

const configMap = (name: string, index: number): string =>
  JSON.stringify({ metadata: { name, labels: { ten: String(index % 10) } }, data: { value } });
const createIn =
  (path: string, prefix: string): MakeRequest =>
  (index) => ({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: configMap(`${prefix}${index}`, index),
  });
const mergePatch = (path: string, data: object): ReturnType<MakeRequest> => ({
  method: 'PATCH',
  path,
  headers: { 'content-type': 'application/merge-patch+json' },
  body: JSON.stringify({ data }),
});

function show(what: string, ...figures: readonly string[]): void {
  console.log(`${what.padEnd(34)}${figures.map((figure) => figure.padStart(12)).join('')}`);
}

const wanted = (what: string): boolean => what.includes(flags.only);
/** Whether anything in a section, whose figures all have its name in theirs, is wanted. */
const touches = (section: string): boolean => wanted(section) || flags.only.includes(section);
const whole = (figure: number): string => Math.round(figure).toLocaleString('en');

/** Measures with one client and with 64; a server that can't do it at all gets a dash. */
async function measure(load: Load, what: string, one: MakeRequest): Promise<void> {
  if (!wanted(what)) return;
  try {
    // What has never run is compiled first, here as there.
    await load.rate({ clients: 8, seconds: Math.min(0.5, seconds) }, one);
  } catch (error) {
    return show(what, '-', '-', `  (${String(error)})`);
  }
  const single = await load.rate({ clients: 1, seconds }, one);
  show(what, whole(single), whole(await load.rate({ clients: 64, seconds }, one)));
}

async function measureWrites(load: Load): Promise<void> {
  let made = 0;
  const create = createIn(written, 'c');
  await load.all({ clients: 64, count: 2000 }, () => create(made++));
  await measure(load, 'create', () => create(made++));
  const object = (index: number): string => `${written}/c${(index * 7919) % made}`;
  await measure(load, 'get', (index) => ({ path: object(index) }));
  await measure(load, 'get, protobuf', (index) => ({ path: object(index), headers: { accept: protobuf } }));
  await measure(load, 'merge patch', (index) => mergePatch(object(index), { n: `${index} ${Math.random()}` }));
  await measure(load, 'server-side apply', (index) => {
    const name = `c${(index * 7919) % made}`;
    const metadata = { name, labels: { ten: String(index % 10) } };
    const data = { value, n: `${index} ${Math.random()}` };
    return {
      method: 'PATCH',
      path: `${written}/${name}?fieldManager=bench&force=true`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }),
    };
  });
  let gone = 0;
  if (wanted('delete')) {
    const remove: MakeRequest = () => ({ method: 'DELETE', path: `${written}/c${gone++}` });
    const count = Math.min(500, Math.floor(made / 3));
    const single = await load.all({ clients: 1, count }, remove);
    show('delete', whole(single), whole(await load.all({ clients: 64, count: made - count }, remove)));
  }
}

async function measureLists(load: Load): Promise<void> {
  if (!touches('list')) return;
  await load.all({ clients: 64, count: listedObjects }, createIn(listed, 'l'));
  await measure(load, 'list of 500', () => ({ path: `${listed}?limit=500` }));
  await measure(load, 'list of 500, protobuf', () => ({ path: `${listed}?limit=500`, headers: { accept: protobuf } }));
  await measure(load, 'list of 8,000', () => ({ path: listed }));
  await measure(load, 'list of 800 of 8,000 by label', () => ({ path: `${listed}?labelSelector=ten%3D3` }));
}

async function measureWatches(load: Load): Promise<void> {
  if (!touches('watchers')) return;
  const rates = [await eventRate(load, 1), await eventRate(load, 64)];
  show(`${watchers} watchers, ${updates} updates`, ...rates.map(whole), 'events/s');
}

/** Events per second that all watchers hear together, while so many clients update an object each. */
async function eventRate(load: Load, clients: number): Promise<number> {
  const prefix = `w${clients}-`;
  await load.all({ clients, count: clients }, createIn(watched, prefix));
  const events = new EventCounter();
  using opened = new DisposableStack();
  for (let index = 0; index < watchers; index++)
    opened.use(await load.stream(`${watched}?watch=1&resourceVersion=0`, events.take));
  // There may be objects that others have made, and that they change.
  await new Promise((resolve) => setTimeout(resolve, 500));
  events.count = 0;
  const started = performance.now();
  await load.all({ clients, count: updates }, (index) =>
    mergePatch(`${watched}/${prefix}${index % clients}`, { n: String(index) }),
  );
  await events.reached(watchers * updates);
  return (watchers * updates) / ((performance.now() - started) / 1000);
}

/** What the same client gets out of Node's HTTP/2 when there is nothing to do. */
async function measureBare(): Promise<void> {
  if (!touches('bare')) return;
  using bare = await startBareServer();
  using load = await Load.open(bare.url, { ca: bare.ca });
  await measure(load, 'bare HTTP/2: 1.3 KB', () => ({ path: '/get/1300' }));
  await measure(load, 'bare HTTP/2: 650 KB', () => ({ path: '/get/650000' }));
  await measure(load, 'bare HTTP/2: 1 MB', () => ({ path: '/get/1040000' }));
  await measure(load, 'bare HTTP/2: 10.4 MB', () => ({ path: '/get/10400000' }));
  if (!wanted('bare HTTP/2: watchers')) return;
  const events = new EventCounter();
  using opened = new DisposableStack();
  for (let index = 0; index < watchers; index++) opened.use(await load.stream('/watch/1300', events.take));
  const started = performance.now();
  await load.all({ clients: 64, count: updates }, () => ({ method: 'POST', path: '/event/1300', body: '{}' }));
  await events.reached(watchers * updates);
  show('bare HTTP/2: watchers', '', whole((watchers * updates) / ((performance.now() - started) / 1000)), 'events/s');
}

async function open(connection: Connection): Promise<Load> {
  const { servers, token } = connection;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return Load.open(servers[0] ?? '', tlsOptionsOf(connection), headers);
}

async function residentMemory(connection: Connection): Promise<string> {
  const { createHttpClient } = await import('../src/client/http-client.ts');
  await using client = createHttpClient(connection);
  const metrics = await client.text({ path: '/metrics' });
  const bytes = Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
  return `${Math.round(bytes / 1e6)} MB`;
}

async function eachNamespace(load: Load, request: (name: string) => ReturnType<MakeRequest>): Promise<void> {
  for (const name of Object.values(namespaces)) await load.request(request(name));
}

async function measureRequests(connection: Connection): Promise<void> {
  using load = await open(connection);
  await eachNamespace(load, (name) => ({
    method: 'POST',
    path: '/api/v1/namespaces',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name } }),
  }));
  try {
    await measureWrites(load);
    await measureLists(load);
    await measureWatches(load);
  } finally {
    await eachNamespace(load, (name) => ({ method: 'DELETE', path: `/api/v1/namespaces/${name}` }));
  }
}

async function measureMemory(first: BenchServer): Promise<BenchServer> {
  if (flags.quick || !wanted('memory')) return first;
  const fill = async ({ connection }: BenchServer): Promise<void> => {
    using load = await open(connection);
    await load.all({ clients: 64, count: keptObjects }, createIn(collection('default'), 'k'));
  };
  await fill(first);
  await settled();
  show('memory after 100,000 creates', await residentMemory(first.connection));
  const again = await first.restart();
  show('/readyz with 100,000 objects', `${whole(again.readyAfter)} ms`);
  await settled();
  show('memory with 100,000 objects', await residentMemory(again.connection));
  return again;
}

/** What a start or a burst leaves behind is given back after some seconds. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, flags.quick ? 0 : 7000));
}

async function measureOwn(): Promise<void> {
  const { etcd, sources, profile } = flags;
  if (etcd !== undefined && etcd !== '3.4' && etcd !== '3.5') throw new Error(`--etcd is 3.4 or 3.5, not ${etcd}`);
  let server = await startBenchServer({ etcd, sources, profile });
  try {
    show('/readyz', `${whole(server.readyAfter)} ms`);
    await settled();
    show('memory, idle', await residentMemory(server.connection));
    await measureRequests(server.connection);
    server = await measureMemory(server);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

show('', '1 client', '64 clients');
await measureBare();
if (flags.kubeconfig === undefined) await measureOwn();
else await measureRequests((await loadKubeconfig(flags.kubeconfig)).connection);
