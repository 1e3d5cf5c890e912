/**
 * `kubets bench api [--seconds N] [--only TEXT] [--quick] [--etcd 3.4|3.5] [--kubeconfig FILE] [--sources] [--profile DIR]`:
 * how fast the API server is over HTTPS (HTTP/2, four connections), on ConfigMaps of 1 KB in a durable store (SQLite, or an
 * etcd on the same machine), with one client and with 64; and how much memory it takes. It runs in a process of its own, all
 * clients in this one. Each figure is taken after as long a time of the same with 64 clients. Beside each stands what the same
 * 64 clients get out of Node's HTTP/2 alone, asked before and after for bodies of the same size: the speed of a shared machine
 * changes within minutes, the ratio does not. With a kubeconfig the same is asked of another server, in namespaces that are
 * removed again.
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

/** Where requests go: to the server, and to one that has nothing to do. */
interface Loads {
  readonly own: Load;
  readonly bare: Load;
}

/** A request, and the like of it to the server that has nothing to do. */
interface Pair {
  readonly own: MakeRequest;
  readonly bare: MakeRequest;
}

/** An answer of so many bytes to nothing but headers. */
const bareGet = (bytes: number): MakeRequest => {
  return () => ({ path: `/get/${bytes}` });
};
/** The same to a body, once it has come. */
const barePost = (body: string): MakeRequest => {
  return () => ({ method: 'POST', path: '/post/1300', headers: { 'content-type': 'application/json' }, body });
};
const smallBody = JSON.stringify({ data: { n: '1234 0.1234567890123456' } });

/** Measures with one client and with 64; a server that can't do it at all gets a dash. */
async function measure(loads: Loads, what: string, { own, bare }: Pair): Promise<void> {
  if (!wanted(what)) return;
  const rate = (load: Load, clients: number, one: MakeRequest, share = 1): Promise<number> =>
    load.rate({ clients, seconds: seconds * share }, one);
  try {
    // What has never run is compiled first, bit by bit, while it runs: servers are warm.
    await rate(loads.own, 64, own);
  } catch (error) {
    return show(what, '-', '-', `  (${String(error)})`);
  }
  await rate(loads.bare, 64, bare, 0.2);
  const single = await rate(loads.own, 1, own);
  const before = await rate(loads.bare, 64, bare, 0.5);
  const many = await rate(loads.own, 64, own);
  const after = await rate(loads.bare, 64, bare, 0.5);
  showBeside(what, [single, many], (before + after) / 2);
}

function showBeside(what: string, [single, many]: readonly [number, number], bare: number): void {
  show(what, whole(single), whole(many), whole(bare), (many / bare).toFixed(2));
}

async function measureWrites(loads: Loads): Promise<void> {
  const load = loads.own;
  let made = 0;
  const create = createIn(written, 'c');
  const object = (index: number): string => `${written}/c${(index * 7919) % made}`;
  await load.all({ clients: 64, count: 2000 }, () => create(made++));
  const sent = barePost(configMap('c12345', 1));
  await measure(loads, 'create', { own: () => create(made++), bare: sent });
  const answer = bareGet(1300);
  await measure(loads, 'get', { own: (index) => ({ path: object(index) }), bare: answer });
  await measure(loads, 'get, protobuf', {
    own: (index) => ({ path: object(index), headers: { accept: protobuf } }),
    bare: answer,
  });
  await measure(loads, 'merge patch', {
    own: (index) => mergePatch(object(index), { n: `${index} ${Math.random()}` }),
    bare: barePost(smallBody),
  });
  await measure(loads, 'server-side apply', {
    own: (index) => applied(`c${(index * 7919) % made}`, index),
    bare: sent,
  });
  if (!wanted('delete')) return;
  let gone = 0;
  const remove: MakeRequest = () => ({ method: 'DELETE', path: `${written}/c${gone++}` });
  const count = Math.min(500, Math.floor(made / 3));
  const single = await load.all({ clients: 1, count }, remove);
  const many = await load.all({ clients: 64, count: made - count }, remove);
  showBeside('delete', [single, many], await loads.bare.rate({ clients: 64, seconds }, bareGet(300)));
}

function applied(name: string, index: number): ReturnType<MakeRequest> {
  const metadata = { name, labels: { ten: String(index % 10) } };
  const data = { value, n: `${index} ${Math.random()}` };
  return {
    method: 'PATCH',
    path: `${written}/${name}?fieldManager=bench&force=true`,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }),
  };
}

async function measureLists(loads: Loads): Promise<void> {
  if (!touches('list')) return;
  await loads.own.all({ clients: 64, count: listedObjects }, createIn(listed, 'l'));
  const list = (what: string, path: string, bytes: number, headers: Readonly<Record<string, string>> = {}) =>
    measure(loads, what, { own: () => ({ path, headers }), bare: bareGet(bytes) });
  await list('list of 500', `${listed}?limit=500`, 650_000);
  await list('list of 500, protobuf', `${listed}?limit=500`, 650_000, { accept: protobuf });
  await list('list of 8,000', listed, 10_400_000);
  await list('list of 800 of 8,000 by label', `${listed}?labelSelector=ten%3D3`, 1_040_000);
}

async function measureWatches({ own, bare }: Loads): Promise<void> {
  if (!touches('watchers')) return;
  const rates = [await eventRate(own, 1), await eventRate(own, 64)] as const;
  showBeside(`${watchers} watchers, ${updates} updates: events`, rates, await bareEventRate(bare));
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

async function bareEventRate(load: Load): Promise<number> {
  const events = new EventCounter();
  using opened = new DisposableStack();
  for (let index = 0; index < watchers; index++) opened.use(await load.stream('/watch/1300', events.take));
  const started = performance.now();
  await load.all({ clients: 64, count: updates }, () => ({ method: 'POST', path: '/event/1300', body: '{}' }));
  await events.reached(watchers * updates);
  return (watchers * updates) / ((performance.now() - started) / 1000);
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
  using server = await startBareServer();
  using bare = await Load.open(server.url, { ca: server.ca });
  const loads = { own: load, bare };
  await eachNamespace(load, (name) => ({
    method: 'POST',
    path: '/api/v1/namespaces',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name } }),
  }));
  try {
    await measureWrites(loads);
    await measureLists(loads);
    await measureWatches(loads);
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
  // One that has done nothing else: what other work leaves behind depends on how much of it there was.
  const fresh = await first.restart();
  await fill(fresh);
  await settled();
  show('memory after 100,000 creates', await residentMemory(fresh.connection));
  const again = await fresh.restart();
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

show('', '1 client', '64 clients', 'bare, 64', 'of bare');
if (flags.kubeconfig === undefined) await measureOwn();
else await measureRequests((await loadKubeconfig(flags.kubeconfig)).connection);
