import { expect, test } from 'vitest';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { Pod } from '../../api/core/pod.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { claimProtection } from './claim-protection.ts';
import { volumeProtection } from './volume-protection.ts';

const namespace = 'default';
const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const claim = (name: string) => ({ metadata: { name, namespace }, spec });

test('a claim that is deleted goes when no pod on a node uses it any more', async () => {
  await using cluster = await testCluster([claimProtection], { disabledAdmission: ['ServiceAccount'] });
  const { client } = cluster;
  const unused = await cluster.create(PersistentVolumeClaim, claim('unused'));
  const used = await cluster.create(PersistentVolumeClaim, claim('used'));
  const made = await cluster.create(PersistentVolumeClaim, claim('p-scratch'));
  expect(used.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  const volumes = [
    { name: 'v', persistentVolumeClaim: { claimName: 'used' } },
    { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } },
  ];
  const containers = [{ name: 'c', image: 'i' }];
  await cluster.create(Pod, { metadata: { name: 'p' }, spec: { nodeName: 'n', containers, volumes } });
  await cluster.create(Pod, { metadata: { name: 'waits' }, spec: { containers, volumes: [volumes[0]!] } });
  for (const name of ['unused', 'used', 'p-scratch']) await client.delete(PersistentVolumeClaim, { namespace, name });
  await cluster.settle();
  expect(await cluster.find(unused)).toBeUndefined();
  expect((await cluster.find(used))?.metadata.deletionTimestamp).toBeDefined();
  expect((await cluster.find(made))?.metadata.deletionTimestamp).toBeDefined();
  await client.delete(Pod, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  await cluster.settle();
  expect(await cluster.find(used)).toBeUndefined();
  expect(await cluster.find(made)).toBeUndefined();
});

test('a volume that is deleted goes when no claim is bound to it any more', async () => {
  await using cluster = await testCluster([volumeProtection]);
  const { client } = cluster;
  const volume = await cluster.create(PersistentVolume, {
    metadata: { name: 'v' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
  });
  expect(volume.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
  const phase = (to: string) =>
    client.patch(
      PersistentVolume,
      { name: 'v' },
      { type: 'merge', body: { status: { phase: to } } },
      { subresource: 'status' },
    );
  await phase('Bound');
  await client.delete(PersistentVolume, { name: 'v' });
  await cluster.settle();
  expect((await cluster.find(volume))?.metadata.deletionTimestamp).toBeDefined();
  await phase('Released');
  await cluster.settle();
  expect(await cluster.find(volume)).toBeUndefined();
});

test('what was made while nobody protected it is protected', async () => {
  await using cluster = await testCluster([claimProtection], { disabledAdmission: ['StorageObjectInUseProtection'] });
  const created = await cluster.create(PersistentVolumeClaim, claim('old'));
  expect(created.metadata.finalizers).toBeUndefined();
  expect((await cluster.find(created))?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
});
