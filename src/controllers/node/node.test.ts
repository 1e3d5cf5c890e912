import { expect, test } from 'vitest';
import { Event } from '../../api/core/event.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { fakeKubelet, testNode } from '../../distro/testing/fake-kubelet.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { podOf } from '../testing/workloads.ts';
import { nodeIpam } from './node-ipam.ts';
import { nodeLifecycle } from './node-lifecycle.ts';
import { podGarbageCollector } from './pod-gc.ts';
import { taintEviction } from './taint-eviction.ts';

interface Setup extends AsyncDisposable {
  readonly c: TestCluster;
  readonly silent: Set<string>;
}

async function setup(...nodes: readonly string[]): Promise<Setup> {
  const silent = new Set<string>();
  const c = await testCluster([nodeLifecycle(), taintEviction, podGarbageCollector(), ...fakeKubelet({ silent })]);
  for (const node of nodes) await c.create(Node, testNode(node));
  return { c, silent, [Symbol.asyncDispose]: () => c[Symbol.asyncDispose]() };
}

async function ready(
  c: TestCluster,
  name: string,
): Promise<{ status: string | undefined; reason: string | undefined; message: string | undefined }> {
  const condition = (await c.find(Node, { name }))?.status.conditions?.find(({ type }) => type === 'Ready');
  return { status: condition?.status, reason: condition?.reason, message: condition?.message };
}

const taints = async (c: TestCluster, name: string): Promise<readonly string[]> =>
  ((await c.find(Node, { name }))?.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();

test('a node that renews its lease stays ready and without taints', async () => {
  await using s = await setup('node-1');
  await s.c.advance('5m');
  expect((await ready(s.c, 'node-1')).status).toBe('True');
  expect(await taints(s.c, 'node-1')).toEqual([]);
});

test('a node that has been silent for 40 s is Unknown and tainted, and recovers', async () => {
  await using s = await setup('node-1', 'node-2');
  await s.c.advance('15s');
  s.silent.add('node-2');
  await s.c.advance('30s');
  expect((await ready(s.c, 'node-2')).status).toBe('True');
  await s.c.advance('15s');
  expect(await ready(s.c, 'node-2')).toEqual({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  expect(await taints(s.c, 'node-2')).toEqual([
    'node.kubernetes.io/unreachable:NoExecute',
    'node.kubernetes.io/unreachable:NoSchedule',
  ]);
  expect((await s.c.list(Event)).map(({ message }) => message)).toContain('Node node-2 status is now: NodeNotReady');
  s.silent.clear();
  await s.c.advance('15s');
  expect((await ready(s.c, 'node-2')).status).toBe('True');
  expect(await taints(s.c, 'node-2')).toEqual([]);
});

test('pods of a silent node lose their readiness, and those that tolerate it for 300 s go after that time', async () => {
  await using s = await setup('node-1', 'node-2');
  const tolerations = [
    {
      key: 'node.kubernetes.io/unreachable',
      operator: 'Exists' as const,
      effect: 'NoExecute' as const,
      tolerationSeconds: 300,
    },
  ];
  const patient = await s.c.create(Pod, podOf('patient', { node: 'node-2', spec: { tolerations } }));
  const hasty = await s.c.create(
    Pod,
    podOf('hasty', { node: 'node-2', spec: { tolerations: [{ ...tolerations[0]!, tolerationSeconds: 0 }] } }),
  );
  const staying = await s.c.create(
    Pod,
    podOf('staying', { node: 'node-2', spec: { tolerations: [{ operator: 'Exists' as const }] } }),
  );
  s.silent.add('node-2');
  await s.c.advance('51s');
  const conditions = (await s.c.find(patient))?.status.conditions;
  expect(conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
  expect((await s.c.find(hasty))?.metadata.deletionTimestamp).toBeDefined();
  expect((await s.c.find(patient))?.metadata.deletionTimestamp).toBeUndefined();
  await s.c.advance('300s');
  expect((await s.c.find(patient))?.metadata.deletionTimestamp).toBeDefined();
  expect((await s.c.find(staying))?.metadata.deletionTimestamp).toBeUndefined();
});

test('when every node is silent nobody is evicted, for the fault is more likely here', async () => {
  await using s = await setup('node-1');
  const pod = await s.c.create(Pod, podOf('a', { node: 'node-1' }));
  s.silent.add('node-1');
  await s.c.advance('5m');
  expect(await taints(s.c, 'node-1')).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
  expect((await s.c.find(pod))?.metadata.deletionTimestamp).toBeUndefined();
});

test('a node marked unschedulable is tainted so, and freed again', async () => {
  await using s = await setup('node-1');
  await s.c.change(Node, { name: 'node-1' }, (node) => ({ ...node, spec: { ...node.spec, unschedulable: true } }));
  expect(await taints(s.c, 'node-1')).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
  await s.c.change(Node, { name: 'node-1' }, (node) => ({ ...node, spec: { ...node.spec, unschedulable: undefined } }));
  expect(await taints(s.c, 'node-1')).toEqual([]);
});

test('taints that somebody else set stay', async () => {
  await using s = await setup('node-1');
  await s.c.change(Node, { name: 'node-1' }, (node) => ({
    ...node,
    spec: { ...node.spec, taints: [{ key: 'gpu', effect: 'NoSchedule' as const }] },
  }));
  await s.c.advance('1m');
  expect(await taints(s.c, 'node-1')).toEqual(['gpu:NoSchedule']);
});

test('pods of a deleted node are removed after 40 s, and unassigned ones as soon as they are deleted', async () => {
  await using s = await setup('node-1', 'node-2');
  s.silent.add('node-2');
  const lost = await s.c.create(Pod, podOf('lost', { node: 'node-2' }));
  const waiting = await s.c.create(Pod, podOf('waiting'));
  await s.c.client.delete(Node, { name: 'node-2' });
  await s.c.client.delete(Pod, { namespace: 'default', name: 'waiting' });
  await s.c.advance('39s');
  expect(await s.c.find(waiting)).toBeUndefined();
  expect(await s.c.find(lost)).toBeDefined();
  await s.c.advance('2s');
  expect(await s.c.find(lost)).toBeUndefined();
});

test('every node gets its own block of pod addresses, and freed ones are given out again', async () => {
  await using c = await testCluster([nodeIpam({ clusterCIDRs: ['10.42.0.0/16'] })]);
  for (const name of ['a', 'b', 'c']) await c.create(Node, testNode(name));
  const blocks = async (): Promise<readonly (string | undefined)[]> =>
    (await c.list(Node)).map(({ spec }) => spec.podCIDR);
  expect(await blocks()).toEqual(['10.42.0.0/24', '10.42.1.0/24', '10.42.2.0/24']);
  await c.client.delete(Node, { name: 'b' });
  await c.create(Node, testNode('d'));
  expect(await blocks()).toEqual(['10.42.0.0/24', '10.42.2.0/24', '10.42.1.0/24']);
});
