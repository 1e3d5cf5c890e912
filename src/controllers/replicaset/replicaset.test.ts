import { expect, test } from 'vitest';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Event } from '../../api/core/event.ts';
import { Pod } from '../../api/core/pod.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { fakeKubelet } from '../../distro/testing/fake-kubelet.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { metaOf, podOf } from '../testing/workloads.ts';
import { podsToDelete } from './deletion-rank.ts';
import { replicaSetController } from './replicaset.ts';

const web = { name: 'web' };
const draft = (replicas: number, extra: object = {}) => ({
  metadata: web,
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...extra,
  },
});
const controllers = [replicaSetController, ...fakeKubelet({ takeUnassigned: 'node-1' })];

test('pods are created and deleted to match the wanted number, and events tell of each', async () => {
  await using cluster = await testCluster(controllers);
  await cluster.create(ReplicaSet, draft(20));
  expect(await cluster.list(Pod)).toHaveLength(20);
  await cluster.change(ReplicaSet, web, (set) => ({ ...set, spec: { ...set.spec, replicas: 5 } }));
  expect(await cluster.list(Pod)).toHaveLength(5);
  const reasons = (await cluster.list(Event)).map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason === 'SuccessfulCreate').length).toBeGreaterThan(0);
  expect(reasons.filter((reason) => reason === 'SuccessfulDelete').length).toBeGreaterThan(0);
});

test('a pod that vanished is replaced by exactly one', async () => {
  await using cluster = await testCluster(controllers);
  await cluster.create(ReplicaSet, draft(3));
  const [first] = await cluster.list(Pod);
  await cluster.client.delete(Pod, { namespace: 'default', name: first!.metadata.name });
  await cluster.settle();
  expect(await cluster.list(Pod)).toHaveLength(3);
});

test('an orphan that matches is adopted, and let go when its label changes', async () => {
  await using cluster = await testCluster(controllers);
  const orphan = await cluster.create(Pod, podOf('orphan', { node: 'node-1' }));
  const set = await cluster.create(ReplicaSet, draft(1));
  expect((await cluster.find(orphan))?.metadata.ownerReferences?.[0]?.uid).toBe(set.metadata.uid);
  expect(await cluster.list(Pod)).toHaveLength(1);
  await cluster.change(Pod, { name: 'orphan' }, (pod) => ({
    ...pod,
    metadata: { ...pod.metadata, labels: { app: 'debug' } },
  }));
  expect((await cluster.find(orphan))?.metadata.ownerReferences ?? []).toEqual([]);
  expect(await cluster.list(Pod)).toHaveLength(2);
});

test('readiness counts as availability only after minReadySeconds', async () => {
  await using cluster = await testCluster(controllers);
  const set = await cluster.create(ReplicaSet, draft(1, { minReadySeconds: 30 }));
  expect((await cluster.find(set))?.status).toMatchObject({ readyReplicas: 1 });
  expect((await cluster.find(set))?.status.availableReplicas ?? 0).toBe(0);
  await cluster.advance('30s');
  expect((await cluster.find(set))?.status.availableReplicas).toBe(1);
});

test('a create that is refused shows as ReplicaFailure with the reason, and goes on when it is allowed', async () => {
  await using cluster = await testCluster([replicaSetController]);
  await cluster.change(ClusterRole, { name: 'system:controller:replicaset-controller' }, (role) => ({
    ...role,
    rules: (role.rules ?? []).map((rule) =>
      rule.resources?.includes('pods') ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'create') } : rule,
    ),
  }));
  const set = await cluster.create(ReplicaSet, draft(2));
  const failure = (await cluster.find(set))?.status.conditions?.[0];
  expect(failure).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
  expect(failure?.message).toMatch(/pods is forbidden/);
  expect((await cluster.list(Event)).map(({ reason }) => reason)).toContain('FailedCreate');
  await cluster.change(ClusterRole, { name: 'system:controller:replicaset-controller' }, (role) => ({
    ...role,
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  }));
  await cluster.eventually(async () => expect((await cluster.find(set))?.status.replicas).toBe(2));
  expect((await cluster.find(set))?.status.conditions ?? []).toEqual([]);
});

function pod(
  name: string,
  options: {
    node?: string;
    phase?: Pod['status']['phase'];
    ready?: boolean;
    created?: string;
    cost?: string;
    restarts?: number;
  } = {},
): Pod {
  const { node = 'n', phase = 'Running', ready = true, created = '2026-01-01T00:00:00Z', cost, restarts = 0 } = options;
  const annotations = cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metaOf(name, { annotations, creationTimestamp: created }),
    spec: { nodeName: node === '' ? undefined : node, containers: [] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: created }],
      containerStatuses: [{ restartCount: restarts }],
    },
  } as unknown as Pod;
}

test.each([
  ['unassigned', pod('x', { node: '' }), pod('y')],
  ['pending', pod('x', { phase: 'Pending' }), pod('y')],
  ['not ready', pod('x', { ready: false }), pod('y')],
  ['cheap', pod('x', { cost: '-5' }), pod('y')],
  ['young', pod('x', { created: '2026-01-01T11:59:00Z' }), pod('y')],
  ['often restarted', pod('x', { restarts: 5 }), pod('y')],
])('the %s pod is deleted first', (_what, victim, other) => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  const options = { related: [], count: 1, now };
  expect(podsToDelete({ pods: [other, victim], ...options })).toEqual([victim]);
  expect(podsToDelete({ pods: [victim, other], ...options })).toEqual([victim]);
});

test('a pod doubled up on its node is deleted before one that stands alone', () => {
  const [a, b, c] = [pod('a', { node: 'crowded' }), pod('b', { node: 'crowded' }), pod('c', { node: 'alone' })];
  const [victim] = podsToDelete({
    pods: [c, a, b],
    related: [a, b, c],
    count: 1,
    now: Date.parse('2026-01-01T12:00:00Z'),
  });
  expect(victim?.spec.nodeName).toBe('crowded');
});
