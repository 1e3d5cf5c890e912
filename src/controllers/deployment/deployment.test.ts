import { expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Event } from '../../api/core/event.ts';
import { Pod } from '../../api/core/pod.ts';
import { fakeKubelet } from '../../distro/testing/fake-kubelet.ts';
import type { FakeKubeletOptions } from '../../distro/testing/fake-kubelet.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { replicaSetController } from '../replicaset/replicaset.ts';
import { deploymentOf, sizesOf, withImage } from '../testing/workloads.ts';
import { deploymentController } from './deployment.ts';
import { untilDeadline } from './status.ts';

const web = { name: 'web' };

function cluster(kubelet: FakeKubeletOptions = {}): Promise<TestCluster> {
  return testCluster([
    deploymentController,
    replicaSetController,
    ...fakeKubelet({ takeUnassigned: 'node-1', ...kubelet }),
  ]);
}

async function condition(
  c: TestCluster,
  type: string,
): Promise<{ status: string; reason: string | undefined } | undefined> {
  const found = (await c.find(Deployment, web))?.status.conditions?.find((candidate) => candidate.type === type);
  return found && { status: found.status, reason: found.reason };
}

async function messages(c: TestCluster, reason: string): Promise<readonly (string | undefined)[]> {
  return (await c.list(Event)).filter((event) => event.reason === reason).map(({ message }) => message);
}

test('a deployment gets a replica set named after the hash of its template, and its pods', async () => {
  await using c = await cluster();
  await c.create(Deployment, deploymentOf({ replicas: 2 }));
  const [replicaSet, ...others] = await c.list(ReplicaSet);
  expect(others).toEqual([]);
  const hash = replicaSet!.metadata.labels?.['pod-template-hash'];
  expect(replicaSet!.metadata.name).toBe(`web-${hash}`);
  expect(replicaSet!.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash });
  expect(replicaSet!.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '1',
    'deployment.kubernetes.io/desired-replicas': '2',
    'deployment.kubernetes.io/max-replicas': '3',
  });
  const pods = await c.list(Pod);
  expect(pods.map((pod) => pod.metadata.labels)).toEqual([1, 2].map(() => ({ app: 'web', 'pod-template-hash': hash })));
  const deployment = await c.find(Deployment, web);
  expect(deployment?.status).toMatchObject({
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 1,
  });
  expect(deployment?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  expect(await condition(c, 'Available')).toEqual({ status: 'True', reason: 'MinimumReplicasAvailable' });
  expect(await condition(c, 'Progressing')).toEqual({ status: 'True', reason: 'NewReplicaSetAvailable' });
  expect(await messages(c, 'ScalingReplicaSet')).toEqual([`Scaled up replica set web-${hash} from 0 to 2`]);
});

test('a rolling update never has more pods than allowed nor fewer available ones', async () => {
  await using c = await cluster({ readyAfter: 2000 });
  await c.create(
    Deployment,
    deploymentOf({
      replicas: 4,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    }),
  );
  await c.eventually(async () => expect((await c.find(Deployment, web))?.status.availableReplicas).toBe(4));
  await c.change(Deployment, web, (deployment) => withImage(deployment, 'web:2'));
  const seen: { pods: number; ready: number }[] = [];
  await c.eventually(async () => {
    const pods = (await c.list(Pod)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
    const ready = pods.filter((pod) =>
      pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    seen.push({ pods: pods.length, ready: ready.length });
    expect(pods.every((pod) => pod.spec.containers[0]?.image === 'web:2')).toBe(true);
    expect((await c.find(Deployment, web))?.status).toMatchObject({
      updatedReplicas: 4,
      availableReplicas: 4,
      replicas: 4,
    });
  });
  expect(seen.length).toBeGreaterThan(2);
  expect(Math.max(...seen.map(({ pods }) => pods))).toBeLessThanOrEqual(5);
  expect(Math.min(...seen.map(({ ready }) => ready))).toBeGreaterThanOrEqual(3);
  const sets = await c.list(ReplicaSet);
  expect(
    sets
      .map((set) => `${set.metadata.annotations?.['deployment.kubernetes.io/revision']}:${set.spec.replicas}`)
      .toSorted(),
  ).toEqual(['1:0', '2:4']);
});

test('Recreate starts new pods only when the last old one is gone', async () => {
  await using c = await cluster({ stopAfter: 10_000 });
  await c.create(Deployment, deploymentOf({ replicas: 2, strategy: { type: 'Recreate' } }));
  await c.change(Deployment, web, (deployment) => withImage(deployment, 'web:2'));
  await c.advance('9s');
  expect((await c.list(Pod)).map((pod) => pod.spec.containers[0]?.image)).toEqual(['web:1', 'web:1']);
  await c.advance('1s');
  await c.eventually(async () =>
    expect((await c.find(Deployment, web))?.status).toMatchObject({ updatedReplicas: 2, availableReplicas: 2 }),
  );
  expect((await c.list(Pod)).map((pod) => pod.spec.containers[0]?.image)).toEqual(['web:2', 'web:2']);
});

test('going back to an earlier template uses its replica set again, with a new revision', async () => {
  await using c = await cluster();
  await c.create(Deployment, deploymentOf());
  const [first] = await c.list(ReplicaSet);
  await c.change(Deployment, web, (deployment) => withImage(deployment, 'web:2'));
  await c.eventually(async () => expect(sizesOf(await c.list(ReplicaSet))).toEqual([1]));
  await c.change(Deployment, web, (deployment) => withImage(deployment, 'web:1'));
  await c.eventually(async () => expect((await c.find(first!))?.spec.replicas).toBe(1));
  const restored = await c.find(first!);
  expect(restored?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/revision-history': '1',
  });
  expect(await c.list(ReplicaSet)).toHaveLength(2);
});

test('a paused deployment does not roll out, but scales', async () => {
  await using c = await cluster();
  await c.create(Deployment, deploymentOf({ replicas: 1 }));
  await c.change(Deployment, web, (d) => ({ ...d, spec: { ...d.spec, paused: true } }));
  expect(await condition(c, 'Progressing')).toEqual({ status: 'Unknown', reason: 'DeploymentPaused' });
  await c.change(Deployment, web, (d) => ({
    ...withImage(d, 'web:2'),
    spec: { ...withImage(d, 'web:2').spec, replicas: 3 },
  }));
  await c.eventually(async () => expect(await c.list(Pod)).toHaveLength(3));
  expect(await c.list(ReplicaSet)).toHaveLength(1);
  await c.change(Deployment, web, (d) => ({ ...d, spec: { ...d.spec, paused: false } }));
  await c.eventually(async () => expect((await c.find(Deployment, web))?.status.updatedReplicas).toBe(3));
});

test('old replica sets beyond the history limit are deleted', async () => {
  await using c = await cluster();
  await c.create(Deployment, deploymentOf({ spec: { revisionHistoryLimit: 1 } }));
  for (const image of ['web:2', 'web:3', 'web:4']) {
    await c.change(Deployment, web, (deployment) => withImage(deployment, image));
    await c.eventually(async () =>
      expect((await c.find(Deployment, web))?.status).toMatchObject({ updatedReplicas: 1, replicas: 1 }),
    );
  }
  await c.eventually(async () => expect(await c.list(ReplicaSet)).toHaveLength(2));
});

test('a rollout that makes no progress is marked when its deadline has passed', async () => {
  await using c = await cluster({ ready: (pod) => pod.spec.containers[0]?.image !== 'broken' });
  await c.create(Deployment, deploymentOf({ spec: { progressDeadlineSeconds: 60 } }));
  await c.change(Deployment, web, (deployment) => withImage(deployment, 'broken'));
  await c.advance('50s');
  expect((await condition(c, 'Progressing'))?.status).toBe('True');
  await c.advance('15s');
  expect(await condition(c, 'Progressing')).toEqual({ status: 'False', reason: 'ProgressDeadlineExceeded' });
});

test('a finished rollout that loses its pod later waits for no deadline', async () => {
  await using c = await cluster();
  await c.create(Deployment, deploymentOf({ spec: { progressDeadlineSeconds: 60 } }));
  const finished = (await c.find(Deployment, web))!;
  const { updatedReplicas, replicas, observedGeneration, conditions } = finished.status;
  const lost = { updatedReplicas, replicas, observedGeneration, conditions, unavailableReplicas: 1 };
  expect(untilDeadline(finished, lost, Date.parse('2030-01-01T00:00:00Z'))).toBeUndefined();
});

test('a name taken by something else leads to another hash', async () => {
  await using c = await cluster();
  await c.create(Deployment, deploymentOf());
  const [replicaSet] = await c.list(ReplicaSet);
  await c.client.delete(Deployment, { namespace: 'default', name: 'web' }, { propagation: 'Orphan' });
  await c.settle();
  const stranger = { ...replicaSet!.metadata, uid: '', resourceVersion: '', ownerReferences: [] };
  await c.client.delete(ReplicaSet, { namespace: 'default', name: replicaSet!.metadata.name }).catch(() => undefined);
  const other = { app: 'other' };
  await c.create(ReplicaSet, {
    metadata: { name: stranger.name, namespace: 'default', labels: other },
    spec: {
      replicas: 0,
      selector: { matchLabels: other },
      template: { metadata: { labels: other }, spec: replicaSet!.spec.template.spec },
    },
  });
  await c.client
    .patch(
      Deployment,
      { namespace: 'default', name: 'web' },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    )
    .catch(() => undefined);
  await c.settle();
  await c.create(Deployment, deploymentOf());
  await c.eventually(async () =>
    expect((await c.find(Deployment, web))?.status).toMatchObject({ collisionCount: 1, availableReplicas: 1 }),
  );
});

test('a replica set without an owner that matches the selector is adopted', async () => {
  await using c = await cluster();
  const { template } = deploymentOf().spec;
  const orphan = await c.create(ReplicaSet, {
    metadata: { name: 'orphan', labels: { app: 'web' } },
    spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
  });
  const deployment = await c.create(Deployment, deploymentOf());
  expect((await c.find(orphan))?.metadata.ownerReferences?.[0]).toMatchObject({
    uid: deployment.metadata.uid,
    controller: true,
  });
});
