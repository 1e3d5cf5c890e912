/**
 * `kubets bench fairness [--seconds N] [--clients N] [--streams N] [--sources] [--only on|off]`: what others feel of a tenant
 * whose clients, each with a connection of its own, ask for as much as they can: lists of 500 objects, creates, patches and
 * gets. Meanwhile another tenant makes 20 requests a second, and ten kubelets renew their leases and patch their nodes'
 * status. The server is a process of its own with a durable store (SQLite), the flood another, the others are in this one.
 * Printed are the milliseconds that the others' requests take, half of them and 99 in 100 at most, without the flood and
 * with it, with priority and fairness and without.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tlsOptionsOf } from '../src/client/connection.ts';
import type { Connection } from '../src/client/connection.ts';
import { startBenchServer } from './load/bench-server.ts';
import type { BenchServer } from './load/bench-server.ts';
import type { FloodOrder, FloodReport } from './load/flood.ts';
import { H2Connection } from './load/h2-connection.ts';
import type { LoadRequest } from './load/h2-connection.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    clients: { type: 'string', default: '200' },
    streams: { type: 'string', default: '1' },
    sources: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});

const seconds = Number(flags.seconds);
const nodes = Array.from({ length: 10 }, (_, index) => `node-${index}`);
/** Requests a second of the other tenant, and of each kubelet. */
const rates = { tenant: 20, kubelet: 2 };
const tenants = ['tenant-a', 'tenant-b'];
const json = { 'content-type': 'application/json' };
const merge = { 'content-type': 'application/merge-patch+json' };

/** Someone who asks now and then, on a connection of its own. */
interface Asker {
  readonly connection: H2Connection;
  readonly every: number;
  request(index: number): LoadRequest;
}

function open({ servers: [url = ''], ...connection }: Connection): Promise<H2Connection> {
  return H2Connection.open(url, tlsOptionsOf({ servers: [url], ...connection }));
}

function post(path: string, object: object): LoadRequest {
  return { method: 'POST', path, headers: json, body: JSON.stringify(object) };
}

async function prepare({ connection }: BenchServer): Promise<void> {
  using admin = await open(connection);
  for (const name of tenants) {
    await admin.request(post('/api/v1/namespaces', { metadata: { name } }));
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' };
    const subjects = [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }];
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}/rolebindings`;
    await admin.request(post(path, { metadata: { name: 'edit' }, roleRef, subjects }));
  }
  for (const name of nodes) await admin.request(post('/api/v1/nodes', { metadata: { name } }));
  for (let index = 0; index < 600; index++) {
    const object = { metadata: { name: `l${index}` }, data: { value: 'x'.repeat(1000) } };
    await admin.request(post(`/api/v1/namespaces/tenant-a/configmaps`, object));
  }
}

function tenantRequest(index: number): LoadRequest {
  const path = '/api/v1/namespaces/tenant-b/configmaps';
  const round = Math.floor(index / 4);
  const object = `${path}/b${Math.max(0, round - 2)}`;
  switch (index % 4) {
    case 0:
      return post(path, { metadata: { name: `b${round}` }, data: { n: String(index) } });
    case 1:
      return { path: object };
    case 2:
      return { method: 'PATCH', path: object, headers: merge, body: JSON.stringify({ data: { n: String(index) } }) };
    default:
      return { path: `${path}?limit=10` };
  }
}

function kubeletRequest(node: string, index: number): LoadRequest {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  if (index === 0) return post(leases, { metadata: { name: node }, spec: { holderIdentity: node, renewTime } });
  if (index % 2 === 0) {
    return {
      method: 'PATCH',
      path: `${leases}/${node}`,
      headers: merge,
      body: JSON.stringify({ spec: { renewTime } }),
    };
  }
  const heartbeat = { type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString().replace(/\.\d+/, '') };
  const body = JSON.stringify({ status: { conditions: [heartbeat] } });
  return { method: 'PATCH', path: `/api/v1/nodes/${node}/status`, headers: merge, body };
}

async function askers(server: BenchServer): Promise<{ readonly tenant: Asker[]; readonly kubelets: Asker[] }> {
  const connection = await server.connectionOf({ user: 'tenant-b', groups: ['tenants'] });
  const tenant = { connection: await open(connection), every: 1000 / rates.tenant, request: tenantRequest };
  const kubelets: Asker[] = [];
  for (const node of nodes) {
    const own = await open(await server.connectionOf({ user: `system:node:${node}`, groups: ['system:nodes'] }));
    kubelets.push({ connection: own, every: 1000 / rates.kubelet, request: (index) => kubeletRequest(node, index) });
  }
  return { tenant: [tenant], kubelets };
}

const sent = new Map<Asker, number>();
let failures = 0;

/** Asks at the asker's rate, whether the last answer has come or not; the milliseconds that each took. */
async function ask(asker: Asker): Promise<number[]> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const begun = performance.now();
  await pause(Math.random() * asker.every);
  while (performance.now() - begun < seconds * 1000) {
    const started = performance.now();
    const index = sent.get(asker) ?? 0;
    sent.set(asker, index + 1);
    pending.push(
      asker.connection.request(asker.request(index)).then(
        () => void times.push(performance.now() - started),
        (error: unknown) => {
          if (failures++ < 5) console.error(String(error));
        },
      ),
    );
    await pause(asker.every - (performance.now() - started));
  }
  await Promise.all(pending);
  return times;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function percentile(times: readonly number[], share: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

function show(what: string, ...figures: readonly string[]): void {
  console.log(`${what.padEnd(34)}${figures.map((figure) => figure.padStart(12)).join('')}`);
}

async function measure(what: string, others: Awaited<ReturnType<typeof askers>>): Promise<void> {
  failures = 0;
  const all = (group: readonly Asker[]): Promise<number[]> => Promise.all(group.map(ask)).then((times) => times.flat());
  const [tenant, kubelets] = await Promise.all([all(others.tenant), all(others.kubelets)]);
  const figures = [tenant, kubelets].flatMap((times) => [percentile(times, 0.5), percentile(times, 0.99)]);
  show(what, ...figures, String(failures));
}

/** Begins a flood; the result ends it. */
async function flood(server: BenchServer): Promise<() => Promise<FloodReport>> {
  const { servers, ca = '', certificate } = await server.connectionOf({ user: 'tenant-a', groups: ['tenants'] });
  const { cert = '', key = '' } = certificate ?? {};
  const child: ChildProcess = fork(fileURLToPath(new URL('load/flood.ts', import.meta.url)));
  const report = async (): Promise<FloodReport> => ((await once(child, 'message')) as [FloodReport])[0];
  const counts = { clients: Number(flags.clients), streams: Number(flags.streams) };
  const order = { url: servers[0] ?? '', ca, cert, key, namespace: 'tenant-a', ...counts };
  child.send(order satisfies FloodOrder);
  await report();
  return async () => {
    child.send('stop');
    return report();
  };
}

const unfair = [
  '--enable-priority-and-fairness=false',
  '--max-requests-inflight=0',
  '--max-mutating-requests-inflight=0',
];

async function measureServer(name: string, fairness: boolean): Promise<void> {
  await using server = await startBenchServer({
    etcd: undefined,
    sources: flags.sources,
    profile: flags.profile,
    flags: ['--authorization-mode=Node,RBAC', ...(fairness ? [] : unfair)],
  });
  await prepare(server);
  const others = await askers(server);
  // What has never run is compiled first.
  for (const asker of [...others.tenant, ...others.kubelets]) {
    for (let index = 0; index < 8; index++) await asker.connection.request(asker.request(index));
    sent.set(asker, 8);
  }
  await measure(`${name}, no flood`, others);
  const end = await flood(server);
  await pause(2000);
  await measure(`${name}, flood`, others);
  const { answered, refused, failed, seconds: lasted } = await end();
  const [good, bad] = [answered / lasted, refused / lasted].map(Math.round);
  show('', `flood: ${good} answers/s, ${bad} refused/s, ${failed} failed`);
  for (const { connection } of [...others.tenant, ...others.kubelets]) connection[Symbol.dispose]();
}

show('milliseconds', 'tenant p50', 'p99', 'kubelets p50', 'p99', 'failed');
if (flags.only !== 'on') await measureServer('without fairness', false);
if (flags.only !== 'off') await measureServer('with fairness', true);
