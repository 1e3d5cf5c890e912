/**
 * How many pods a second the scheduler places, bindings written, on the real API server over the memory store.
 * `node bench/scheduler.ts [nodes] [pods]`; default 100 nodes and 2,000 pods, then 1,000 and 5,000. Upstream's
 * figures for the same on this kind of machine, creation included: 340 and 175 pods a second.
 */
import { systemClock } from '../src/base/system-clock.ts';
import { systemRandom } from '../src/base/system-random.ts';
import { silentLogger } from '../src/base/logger.ts';
import { Node } from '../src/api/core/node.ts';
import { Pod } from '../src/api/core/pod.ts';
import { apiServerUser } from '../src/apiserver/authentication/users.ts';
import { createApiServer } from '../src/apiserver/create-api-server.ts';
import type { Client } from '../src/client/client.ts';
import { runScheduler } from '../src/scheduler/run-scheduler.ts';
import { MemoryStore } from '../src/store/memory-store.ts';

async function main(): Promise<void> {
  const [nodes, pods] = process.argv.slice(2).map(Number);
  const sizes =
    nodes && pods
      ? [[nodes, pods] as const]
      : ([
          [100, 2000],
          [1000, 5000],
        ] as const);
  for (const [nodeCount, podCount] of sizes) await measure(nodeCount, podCount);
}

async function measure(nodeCount: number, podCount: number): Promise<void> {
  const environment = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using server = await createApiServer({
    ...environment,
    store: new MemoryStore(),
    parts: () => ({
      authenticator: { authenticate: async () => undefined },
      authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    }),
  });
  const client = server.client(apiServerUser);
  await createNodes(client, nodeCount);
  const bound = countBound(client, podCount);
  const stop = new AbortController();
  const scheduler = runScheduler({ client, ...environment }).run(stop.signal);
  const started = performance.now();
  const before = process.cpuUsage();
  await createPods(client, podCount);
  const created = performance.now();
  await bound;
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round(podCount / seconds);
  // On a machine that has other work, too, this says more than the rate.
  const { user, system } = process.cpuUsage(before);
  const each = ((user + system) / 1000 / podCount).toFixed(3);
  console.log(
    `${nodeCount} nodes, ${podCount} pods: ${rate} pods/s, creation included (created in ${Math.round(created - started)} ms, ` +
      `all bound after ${Math.round(seconds * 1000)} ms, ${each} ms of CPU per pod, ${Math.round(process.memoryUsage().rss / 1e6)} MB)`,
  );
  stop.abort(new Error('measured'));
  await scheduler;
}

async function createNodes(client: Client, count: number): Promise<void> {
  const room = { cpu: '32', memory: '64Gi', pods: '110' };
  for (let i = 0; i < count; i++) {
    const labels = { 'kubernetes.io/hostname': `node-${i}`, 'topology.kubernetes.io/zone': `zone-${i % 3}` };
    await client.create(Node, {
      metadata: { name: `node-${i}`, labels },
      status: { capacity: room, allocatable: room },
    });
  }
}

async function createPods(client: Client, count: number): Promise<void> {
  const requests = { cpu: '100m', memory: '100Mi' };
  const spec = { containers: [{ name: 'c', image: 'i', resources: { requests } }] };
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'owner', controller: true };
  const parallel = 64;
  let next = 0;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (next < count) {
        const metadata = {
          name: `pod-${next++}`,
          namespace: 'default',
          labels: { app: 'web' },
          ownerReferences: [reference],
        };
        await client.create(Pod, { metadata, spec });
      }
    }),
  );
}

async function countBound(client: Client, count: number): Promise<void> {
  const bound = new Set<string>();
  for await (const event of client.watch(Pod, { resourceVersion: '0' })) {
    if (event.type !== 'MODIFIED' || !event.object.spec.nodeName) continue;
    bound.add(event.object.metadata.uid);
    if (bound.size >= count) return;
  }
}

await main();
