import { expect, test } from 'vitest';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Pod } from '../../api/core/pod.ts';
import { replicaSetController } from '../../controllers/replicaset/replicaset.ts';
import { fakeKubelet, testNode } from './fake-kubelet.ts';
import { testCluster } from './test-cluster.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const replicaSet = (replicas: number) => ({
  metadata: { name: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
});

test('a replica set gets its pods, which the pretended kubelet runs', async () => {
  await using cluster = await testCluster([replicaSetController, ...fakeKubelet({ takeUnassigned: 'node-1' })]);
  await cluster.create(testNode('node-1'));
  const created = await cluster.create(ReplicaSet, replicaSet(3));
  const pods = await cluster.list(Pod);
  expect(pods.map((pod) => [pod.status.phase, pod.spec.nodeName])).toEqual(
    Array.from({ length: 3 }, () => ['Running', 'node-1']),
  );
  expect((await cluster.find(created))?.status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3 });
});

test('time moves only when the test moves it', async () => {
  await using cluster = await testCluster([
    replicaSetController,
    ...fakeKubelet({ takeUnassigned: 'n', readyAfter: 5000 }),
  ]);
  const created = await cluster.create(ReplicaSet, replicaSet(1));
  await cluster.advance('4s');
  expect((await cluster.find(created))?.status.readyReplicas ?? 0).toBe(0);
  await cluster.advance('1s');
  expect((await cluster.find(created))?.status.readyReplicas).toBe(1);
});
