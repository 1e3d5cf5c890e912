import { afterAll, expect } from 'vitest';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
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
