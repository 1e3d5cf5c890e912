/**
 * `kubets bench api [--seconds N] [--only TEXT] [--quick] [--etcd 3.4|3.5] [--kubeconfig FILE] [--beside FILE] [--turns N]
 * [--sources] [--profile DIR]`: how fast the API server is over HTTPS (HTTP/2, four connections), on ConfigMaps of 1 KB in a
 * durable store (SQLite, or an etcd on the same machine), with one client and with 64; and how much memory it takes. It runs in
 * a process of its own, all clients in this one. Each figure is taken after as long a time of the same with 64 clients. Beside
 * each stands what the same 64 clients get out of Node's HTTP/2 alone, asked before and after for bodies of the same size: the
 * speed of a shared machine changes within minutes, the ratio does not. With a kubeconfig the same is asked of another server,
 * in namespaces that are removed again; with `--beside` another server, whose kubeconfig that is, is asked the same in the
 * place of the bare one. With `--turns` the two are asked in so many turns of N seconds together, and the ratio is the
 * geometric mean of those of the turns, with its standard error.
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
    beside: { type: 'string' },
    turns: { type: 'string', default: '1' },
    sources: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

const seconds = Number(flags.seconds);
const turns = Number(flags.turns);
if (!(seconds > 0) || !Number.isInteger(turns) || turns < 1)
  throw new Error('--seconds is above 0, --turns a whole number from 1 on');
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

/** What is measured with as many requests as a time takes. */
const rows = [
  'create',
  'get',
  'get, protobuf',
  'merge patch',
  'server-side apply',
  'list of 500',
  'list of 500, protobuf',
  'list of 8,000',
  'list of 800 of 8,000 by label',
] as const;
const [writes, lists] = [rows.slice(0, 5), rows.slice(5)];

/** A server, and what is asked of it. */
interface Side {
  readonly load: Load;
  readonly requests: Readonly<Record<(typeof rows)[number], MakeRequest>>;
  /** Makes what the first requests are about, or the lists. */
  fill(what: 'written' | 'listed'): Promise<void>;
  /** Deletes a second: one client deletes some of what was written, 64 the rest. */
  deletes(clients: number): Promise<number>;
  /** Events a second that all watchers hear together, while so many clients update an object each. */
  events(clients: number): Promise<number>;
}

/** The server, and one beside it. */
interface Sides {
  readonly own: Side;
  readonly other: Side;
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

/** Node's HTTP/2, which has nothing to do. */
function bareSide(load: Load): Side {
  const small = bareGet(1300);
  const sent = barePost(configMap('c12345', 1));
  return {
    load,
    requests: {
      create: sent,
      get: small,
      'get, protobuf': small,
      'merge patch': barePost(smallBody),
      'server-side apply': sent,
      'list of 500': bareGet(715_000),
      'list of 500, protobuf': bareGet(650_000),
      'list of 8,000': bareGet(11_440_000),
      'list of 800 of 8,000 by label': bareGet(1_144_000),
    },
    fill: () => Promise.resolve(),
    deletes: (clients) => load.rate({ clients, seconds }, bareGet(300)),
    events: () => bareEventRate(load),
  };
}

/** An API server. */
function apiSide(load: Load): Side {
  let made = 0;
  let gone = 0;
  const create = createIn(written, 'c');
  const next: MakeRequest = () => create(made++);
  const name = (index: number): string => `c${(index * 7919) % made}`;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) => ({ path, headers });
  return {
    load,
    requests: {
      create: next,
      get: (index) => get(`${written}/${name(index)}`),
      'get, protobuf': (index) => get(`${written}/${name(index)}`, { accept: protobuf }),
      'merge patch': (index) => mergePatch(`${written}/${name(index)}`, { n: `${index} ${Math.random()}` }),
      'server-side apply': (index) => applied(name(index), index),
      'list of 500': () => get(`${listed}?limit=500`),
      'list of 500, protobuf': () => get(`${listed}?limit=500`, { accept: protobuf }),
      'list of 8,000': () => get(listed),
      'list of 800 of 8,000 by label': () => get(`${listed}?labelSelector=ten%3D3`),
    },
    async fill(what) {
      if (what === 'written') await load.all({ clients: 64, count: 2000 }, next);
      else await load.all({ clients: 64, count: listedObjects }, createIn(listed, 'l'));
    },
    deletes(clients) {
      const count = clients === 1 ? Math.min(500, Math.floor(made / 3)) : made - gone;
      return load.all({ clients, count }, () => ({ method: 'DELETE', path: `${written}/c${gone++}` }));
    },
    events: (clients) => eventRate(load, clients),
  };
}

/** Measures with one client and with 64; a server that can't do it at all gets a dash. */
async function measure({ own, other }: Sides, what: (typeof rows)[number]): Promise<void> {
  if (!wanted(what)) return;
  const rate = ({ load, requests }: Side, clients: number, share = 1): Promise<number> =>
    load.rate({ clients, seconds: seconds * share }, requests[what]);
  try {
    // What has never run is compiled first, bit by bit, while it runs: servers are warm.
    await rate(own, 64);
  } catch (error) {
    return show(what, '-', '-', `  (${String(error)})`);
  }
  await rate(other, 64, 0.2);
  const single = await rate(own, 1);
  const inTurns: Turn[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const before = await rate(other, 64, 0.5 / turns);
    const many = await rate(own, 64, 1 / turns);
    inTurns.push({ own: many, other: (before + (await rate(other, 64, 0.5 / turns))) / 2 });
  }
  showBeside(what, single, inTurns);
}

/** What the two did in the same seconds, with 64 clients. */
interface Turn {
  readonly own: number;
  readonly other: number;
}

function showBeside(what: string, single: number, inTurns: readonly Turn[]): void {
  const mean = (of: (turn: Turn) => number): number =>
    inTurns.reduce((sum, turn) => sum + of(turn), 0) / inTurns.length;
  const logarithm = ({ own, other }: Turn): number => Math.log(own / other);
  const average = mean(logarithm);
  const ratio = Math.exp(average);
  const variance = mean((turn) => (logarithm(turn) - average) ** 2);
  const error = inTurns.length > 1 ? ` ± ${(ratio * Math.sqrt(variance / (inTurns.length - 1))).toFixed(2)}` : '';
  const [own, other] = [mean((turn) => turn.own), mean((turn) => turn.other)];
  show(what, whole(single), whole(own), whole(other), `${ratio.toFixed(2)}${error}`);
}

async function measureWrites({ own, other }: Sides): Promise<void> {
  for (const side of [own, other]) await side.fill('written');
  for (const row of writes) await measure({ own, other }, row);
  if (!wanted('delete')) return;
  showBeside('delete', await own.deletes(1), [{ own: await own.deletes(64), other: await other.deletes(64) }]);
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

async function measureLists({ own, other }: Sides): Promise<void> {
  if (!touches('list')) return;
  for (const side of [own, other]) await side.fill('listed');
  for (const row of lists) await measure({ own, other }, row);
}

async function measureWatches({ own, other }: Sides): Promise<void> {
  if (!touches('watchers')) return;
  const what = `${watchers} watchers, ${updates} updates: events`;
  showBeside(what, await own.events(1), [{ own: await own.events(64), other: await other.events(64) }]);
}

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
  if (flags.beside !== undefined) {
    const other = (await loadKubeconfig(flags.beside)).connection;
    return inNamespaces(connection, (own) =>
      inNamespaces(other, (side) => measureSides({ own: apiSide(own), other: apiSide(side) })),
    );
  }
  using server = await startBareServer();
  using bare = await Load.open(server.url, { ca: server.ca });
  await inNamespaces(connection, (own) => measureSides({ own: apiSide(own), other: bareSide(bare) }));
}

/** Works in namespaces of its own. */
async function inNamespaces(connection: Connection, work: (load: Load) => Promise<void>): Promise<void> {
  using load = await open(connection);
  await eachNamespace(load, (name) => ({
    method: 'POST',
    path: '/api/v1/namespaces',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name } }),
  }));
  try {
    await work(load);
  } finally {
    await eachNamespace(load, (name) => ({ method: 'DELETE', path: `/api/v1/namespaces/${name}` }));
  }
}

async function measureSides(sides: Sides): Promise<void> {
  await measureWrites(sides);
  await measureLists(sides);
  await measureWatches(sides);
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

if (flags.beside === undefined) show('', '1 client', '64 clients', 'bare, 64', 'of bare');
else show('', '1 client', '64 clients', 'beside, 64', 'times');
if (flags.kubeconfig === undefined) await measureOwn();
else await measureRequests((await loadKubeconfig(flags.kubeconfig)).connection);
