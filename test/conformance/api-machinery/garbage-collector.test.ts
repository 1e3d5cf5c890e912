import { afterAll, expect } from 'vitest';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ReplicationController } from '../../../src/api/core/replication-controller.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

const name = 'simpletest';

async function deploy({ client, namespace }: Conformance): Promise<ReplicaSet> {
  const labels = { app: 'gc' };
  await client.create(Deployment, {
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
    },
  });
  return eventually(async () => {
    const [made] = (await client.list(ReplicaSet, { namespace })).items;
    if (!made) throw new Error('there is no replica set yet');
    return made;
  });
}

conformance('Garbage collector should delete RS created by deployment when not orphaning', async (context) => {
  const { client, namespace } = context;
  await deploy(context);
  await client.delete(Deployment, { namespace, name }, { propagation: 'Background' });
  await eventually(async () => expect((await client.list(ReplicaSet, { namespace })).items).toEqual([]));
});

conformance(
  'Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan',
  async (context) => {
    const { client, namespace } = context;
    const replicaSet = await deploy(context);
    await client.delete(Deployment, { namespace, name }, { propagation: 'Orphan' });
    await eventually(() => expect(client.get(Deployment, { namespace, name })).rejects.toMatchObject({ code: 404 }));
    const orphan = await client.get(ReplicaSet, { namespace, name: replicaSet.metadata.name });
    expect(orphan.metadata.uid).toBe(replicaSet.metadata.uid);
    expect(orphan.metadata.ownerReferences ?? []).toEqual([]);
  },
);

/** A replication controller with its pods, which the test makes: that such controllers run is nothing to the collector. */
async function replicate({ client, namespace }: Conformance, replicas: number): Promise<readonly Pod[]> {
  const labels = { app: name };
  const spec = { containers: [{ name: 'nginx', image: 'nginx' }] };
  const made = await client.create(ReplicationController, {
    metadata: { name, namespace },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec } },
  });
  const { uid } = made.metadata;
  const controller = { apiVersion: 'v1', kind: 'ReplicationController', name, uid, controller: true };
  const ownerReferences = [{ ...controller, blockOwnerDeletion: true }];
  for (let at = 0; at < replicas; at++) {
    await client.create(Pod, { metadata: { name: `${name}-${at}`, namespace, labels, ownerReferences }, spec });
  }
  return eventually(async () => {
    const { items } = await client.list(Pod, { namespace });
    expect(items.filter(({ status }) => status.phase === 'Running')).toHaveLength(replicas);
    return items;
  });
}

const isGone = ({ client, namespace }: Conformance) =>
  expect(client.get(ReplicationController, { namespace, name })).rejects.toMatchObject({ code: 404 });

conformance('Garbage collector should delete pods created by rc when not orphaning', async (context) => {
  const { client, namespace } = context;
  await replicate(context, 2);
  await client.delete(ReplicationController, { namespace, name }, { propagation: 'Background' });
  await isGone(context);
  await eventually(async () => expect((await client.list(Pod, { namespace })).items).toEqual([]));
});

conformance(
  'Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial]',
  async (context) => {
    const { client, namespace } = context;
    const [held, ...others] = (await replicate(context, 3)).map(({ metadata }) => metadata.name);
    const hold = (finalizers: readonly string[] | null) =>
      client.patch(Pod, { namespace, name: held! }, { type: 'merge', body: { metadata: { finalizers } } });
    await hold(['example.com/held']);
    await client.delete(ReplicationController, { namespace, name }, { propagation: 'Foreground' });
    await eventually(async () => {
      const { items } = await client.list(Pod, { namespace });
      expect(items.map(({ metadata }) => metadata.name)).toEqual([held]);
    });
    expect(others).toHaveLength(2);
    const waiting = await client.get(ReplicationController, { namespace, name });
    expect(waiting.metadata.finalizers).toEqual(['foregroundDeletion']);
    await hold(null);
    await eventually(() => isGone(context));
    expect((await client.list(Pod, { namespace })).items).toEqual([]);
  },
);

conformance('Garbage collector should orphan pods created by rc if delete options say so [Serial]', async (context) => {
  const { client, namespace } = context;
  const pods = await replicate(context, 10);
  await client.delete(ReplicationController, { namespace, name }, { propagation: 'Orphan' });
  await eventually(() => isGone(context));
  const { items } = await client.list(Pod, { namespace });
  const uids = (list: readonly Pod[]) => list.map(({ metadata }) => metadata.uid).toSorted();
  expect(uids(items)).toEqual(uids(pods));
  expect(items.flatMap(({ metadata }) => [metadata.deletionTimestamp, ...(metadata.ownerReferences ?? [])])).toEqual(
    pods.map(() => undefined),
  );
});

const owner = ({ metadata }: ConfigMap) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name,
  uid: metadata.uid,
  blockOwnerDeletion: true,
});

// Upstream's test has pods and replication controllers; the collector looks at owners only.
conformance(
  "Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial]",
  async ({ client, namespace }) => {
    const [waiting, valid] = [
      await client.create(ConfigMap, { metadata: { name: 'to-be-deleted', namespace } }),
      await client.create(ConfigMap, { metadata: { name: 'to-stay', namespace } }),
    ];
    const both = { name: 'both', namespace, ownerReferences: [owner(waiting), owner(valid)] };
    await client.create(ConfigMap, { metadata: both });
    await client.create(ConfigMap, { metadata: { name: 'one', namespace, ownerReferences: [owner(waiting)] } });
    await client.delete(ConfigMap, { namespace, name: 'to-be-deleted' }, { propagation: 'Foreground' });
    const gone = (one: string) =>
      expect(client.get(ConfigMap, { namespace, name: one })).rejects.toMatchObject({ code: 404 });
    await eventually(() => gone('to-be-deleted'));
    await gone('one');
    const left = await client.get(ConfigMap, { namespace, name: 'both' });
    expect(left.metadata.ownerReferences).toEqual([owner(valid)]);
    expect(left.metadata.deletionTimestamp).toBeUndefined();
  },
);

conformance('Garbage collector should not be blocked by dependency circle', async ({ client, namespace }) => {
  const names = ['pod1', 'pod2', 'pod3'];
  const made: ConfigMap[] = [];
  for (const one of names) made.push(await client.create(ConfigMap, { metadata: { name: one, namespace } }));
  for (const [at, one] of names.entries()) {
    const ownerReferences = [owner(made[(at + 2) % 3]!)];
    await client.patch(ConfigMap, { namespace, name: one }, { type: 'merge', body: { metadata: { ownerReferences } } });
  }
  await client.delete(ConfigMap, { namespace, name: 'pod1' }, { propagation: 'Foreground' });
  await eventually(async () => {
    const { items } = await client.list(ConfigMap, { namespace });
    expect(items.map(({ metadata }) => metadata.name).filter((one) => names.includes(one))).toEqual([]);
  });
});
