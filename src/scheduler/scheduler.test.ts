import { expect, test } from 'vitest';
import { Event } from '../api/core/event.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import type { PodSpec } from '../api/core/pod-spec.ts';
import { fakeKubelet, testNode } from '../distro/testing/fake-kubelet.ts';
import type { FakeKubeletOptions } from '../distro/testing/fake-kubelet.ts';
import { testCluster } from '../distro/testing/test-cluster.ts';
import type { TestCluster } from '../distro/testing/test-cluster.ts';
import { runScheduler } from './run-scheduler.ts';

const user = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };

function cluster(kubelet: FakeKubeletOptions = {}): Promise<TestCluster> {
  return testCluster(fakeKubelet(kubelet), {
    disabledAdmission: ['Priority'],
    components: ({ client, ...environment }) => [runScheduler({ client: client(user), ...environment })],
  });
}

/** A node without the taint that new nodes begin with. */
async function node(c: TestCluster, name: string, room: Parameters<typeof testNode>[1] = {}): Promise<Node> {
  const created = await c.create(Node, testNode(name, room));
  return c.change(Node, created.metadata, (one) => ({ ...one, spec: { ...one.spec, taints: undefined } }));
}

function pod(
  name: string,
  spec: Partial<PodSpec> & { readonly cpu?: string } = {},
  labels: Record<string, string> = {},
) {
  const { cpu = '100m', ...rest } = spec;
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu } } }];
  return { metadata: { name, namespace: 'default', labels }, spec: { containers, ...rest } };
}

const nodeOf = async (c: TestCluster, name: string): Promise<string | undefined> =>
  (await c.find(Pod, { name }))?.spec.nodeName;
const messages = async (c: TestCluster, reason: string): Promise<readonly (string | undefined)[]> =>
  (await c.list(Event)).filter((event) => event.reason === reason).map(({ message }) => message);

test('a pod is bound to a node, and an event says so', async () => {
  await using c = await cluster();
  await node(c, 'node-1');
  await c.create(Pod, pod('a'));
  expect(await nodeOf(c, 'a')).toBe('node-1');
  expect((await c.find(Pod, { name: 'a' }))?.status.phase).toBe('Running');
  expect(await messages(c, 'Scheduled')).toEqual(['Successfully assigned default/a to node-1']);
});

test('pods of one burst are counted before they are confirmed, so that no node is overbooked', async () => {
  await using c = await cluster();
  for (const name of ['node-1', 'node-2']) await node(c, name, { cpu: '1' });
  await Promise.all(Array.from({ length: 5 }, (_, i) => c.client.create(Pod, pod(`p${i}`, { cpu: '500m' }))));
  await c.settle();
  const nodes = (await c.list(Pod)).map(({ spec }) => spec.nodeName);
  expect(nodes.filter((name) => name === 'node-1')).toHaveLength(2);
  expect(nodes.filter((name) => name === 'node-2')).toHaveLength(2);
  expect(nodes.filter((name) => name === undefined)).toHaveLength(1);
});

test('a pod that fits nowhere says why, and goes as soon as a node is added that helps', async () => {
  await using c = await cluster();
  await node(c, 'small', { cpu: '1' });
  await c.create(Pod, pod('big', { cpu: '2' }));
  const message =
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  const condition = (await c.find(Pod, { name: 'big' }))?.status.conditions?.find(
    ({ type }) => type === 'PodScheduled',
  );
  expect(condition).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
  expect(await messages(c, 'FailedScheduling')).toEqual([message]);
  await node(c, 'large', { cpu: '4' });
  await c.advance('2s');
  expect(await nodeOf(c, 'big')).toBe('large');
});

test('a pod that waits for room goes when another pod ends', async () => {
  await using c = await cluster();
  await node(c, 'node-1', { cpu: '1' });
  await c.create(Pod, pod('first', { cpu: '800m' }));
  await c.create(Pod, pod('second', { cpu: '800m' }));
  expect(await nodeOf(c, 'second')).toBeUndefined();
  await c.client.delete(Pod, { namespace: 'default', name: 'first' });
  await c.advance('2s');
  expect(await nodeOf(c, 'second')).toBe('node-1');
});

test('a cordoned node gets no pods until it is freed', async () => {
  await using c = await cluster();
  await node(c, 'node-1');
  await c.change(Node, { name: 'node-1' }, (one) => ({ ...one, spec: { ...one.spec, unschedulable: true } }));
  await c.create(Pod, pod('a'));
  expect((await messages(c, 'FailedScheduling'))[0]).toContain('1 node(s) were unschedulable');
  await c.change(Node, { name: 'node-1' }, (one) => ({ ...one, spec: { ...one.spec, unschedulable: undefined } }));
  await c.advance('2s');
  expect(await nodeOf(c, 'a')).toBe('node-1');
});

test('a pod with scheduling gates waits until the last is gone', async () => {
  await using c = await cluster();
  await node(c, 'node-1');
  await c.create(Pod, pod('a', { schedulingGates: [{ name: 'example.com/wait' }] }));
  expect(await nodeOf(c, 'a')).toBeUndefined();
  await c.client.patch(
    Pod,
    { namespace: 'default', name: 'a' },
    { type: 'merge', body: { spec: { schedulingGates: null } } },
  );
  await c.settle();
  expect(await nodeOf(c, 'a')).toBe('node-1');
});

test('pods of another scheduler are left alone', async () => {
  await using c = await cluster();
  await node(c, 'node-1');
  await c.create(Pod, pod('a', { schedulerName: 'other' }));
  expect(await nodeOf(c, 'a')).toBeUndefined();
});

test('an important pod takes the place of the least important that suffice', async () => {
  await using c = await cluster();
  await node(c, 'node-1', { cpu: '1' });
  await c.create(Pod, pod('low', { cpu: '400m', priority: 1 }));
  await c.create(Pod, pod('middle', { cpu: '400m', priority: 5 }));
  await c.create(Pod, pod('high', { cpu: '500m', priority: 10 }));
  await c.advance('2s');
  expect(await nodeOf(c, 'high')).toBe('node-1');
  expect(await c.find(Pod, { name: 'low' })).toBeUndefined();
  expect(await c.find(Pod, { name: 'middle' })).toBeDefined();
  const high = await c.find(Pod, { name: 'high' });
  expect(await messages(c, 'Preempted')).toEqual([`Preempted by pod ${high?.metadata.uid} on node node-1`]);
});

test('while its victims end, nobody lesser takes the room that was made, and nobody else is preempted', async () => {
  await using c = await cluster({ stopAfter: 10_000 });
  await node(c, 'node-1', { cpu: '1' });
  await c.create(Pod, pod('low', { cpu: '800m', priority: 1 }));
  await c.create(Pod, pod('high', { cpu: '900m', priority: 10 }));
  expect((await c.find(Pod, { name: 'high' }))?.status.nominatedNodeName).toBe('node-1');
  expect((await c.find(Pod, { name: 'low' }))?.status.conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', reason: 'PreemptionByScheduler' }),
  );
  await c.create(Pod, pod('lesser', { cpu: '200m', priority: 2 }));
  await c.advance('30s');
  expect(await nodeOf(c, 'high')).toBe('node-1');
  expect(await nodeOf(c, 'lesser')).toBeUndefined();
});

test('a pod that may not preempt says so and waits', async () => {
  await using c = await cluster();
  await node(c, 'node-1', { cpu: '1' });
  await c.create(Pod, pod('low', { cpu: '800m', priority: 1 }));
  await c.create(Pod, pod('polite', { cpu: '900m', priority: 10, preemptionPolicy: 'Never' }));
  expect(await c.find(Pod, { name: 'low' })).toBeDefined();
  expect(await messages(c, 'FailedScheduling')).toEqual([
    '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
  ]);
});

test('affinity over namespaces follows the labels of the namespaces', async () => {
  await using c = await cluster();
  await node(c, 'node-1');
  await node(c, 'node-2');
  await c.create(Namespace, { metadata: { name: 'data' } });
  await c.create(Pod, {
    ...pod('db', { nodeName: 'node-2' }, { app: 'db' }),
    metadata: { name: 'db', namespace: 'data', labels: { app: 'db' } },
  });
  const term = {
    labelSelector: { matchLabels: { app: 'db' } },
    namespaceSelector: { matchLabels: { kind: 'data' } },
    topologyKey: 'kubernetes.io/hostname',
  };
  await c.create(
    Pod,
    pod('web', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }),
  );
  expect(await nodeOf(c, 'web')).toBeUndefined();
  await c.change(Namespace, { name: 'data' }, (one) => ({
    ...one,
    metadata: { ...one.metadata, labels: { kind: 'data' } },
  }));
  await c.advance('2s');
  expect(await nodeOf(c, 'web')).toBe('node-2');
});
