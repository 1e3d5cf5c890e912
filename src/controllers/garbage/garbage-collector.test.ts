import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { Secret } from '../../api/core/secret.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { testNode } from '../../distro/testing/fake-kubelet.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { collectedKinds } from '../registry.ts';
import { widgetKind } from '../testing/custom-kind.ts';
import { garbageCollector } from './garbage-collector.ts';

function cluster(): Promise<TestCluster> {
  return testCluster([garbageCollector(collectedKinds)]);
}

const ownedBy = (...owners: readonly ApiObject[]) =>
  owners.map(({ apiVersion, kind, metadata: { name, uid } }) => ({
    apiVersion,
    kind,
    name,
    uid,
    blockOwnerDeletion: true,
  }));

const of = (name: string, ...owners: readonly ApiObject[]) => ({
  metadata: { name, ownerReferences: ownedBy(...owners) },
});
const key = (name: string) => ({ namespace: 'default', name });

test('what an object owns goes with it, down the whole chain and across kinds', async () => {
  await using c = await cluster();
  const owner = await c.create(ConfigMap, { metadata: { name: 'owner' } });
  const child = await c.create(Secret, of('child', owner));
  const grandchild = await c.create(ConfigMap, of('grandchild', child));
  const bystander = await c.create(ConfigMap, { metadata: { name: 'bystander' } });
  await c.client.delete(ConfigMap, key('owner'), { propagation: 'Background' });
  await c.settle();
  expect(await c.find(child)).toBeUndefined();
  expect(await c.find(grandchild)).toBeUndefined();
  expect(await c.find(bystander)).toBeDefined();
});

test('an object lives as long as one of its owners does, and loses the references to the others', async () => {
  await using c = await cluster();
  const [a, b] = [
    await c.create(ConfigMap, { metadata: { name: 'a' } }),
    await c.create(ConfigMap, { metadata: { name: 'b' } }),
  ];
  const child = await c.create(ConfigMap, of('child', a, b));
  await c.client.delete(ConfigMap, key('a'));
  await c.settle();
  expect((await c.find(child))?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['b']);
  await c.client.delete(ConfigMap, key('b'));
  await c.settle();
  expect(await c.find(child)).toBeUndefined();
});

test('in the foreground the owner goes last', async () => {
  await using c = await cluster();
  const owner = await c.create(ConfigMap, { metadata: { name: 'owner' } });
  const child = await c.create(ConfigMap, {
    metadata: { ...of('child', owner).metadata, finalizers: ['example.com/hold'] },
  });
  await c.client.delete(ConfigMap, key('owner'), { propagation: 'Foreground' });
  await c.settle();
  expect((await c.find(owner))?.metadata.finalizers).toEqual(['foregroundDeletion']);
  expect((await c.find(child))?.metadata.deletionTimestamp).toBeDefined();
  await c.client.patch(ConfigMap, key('child'), { type: 'merge', body: { metadata: { finalizers: null } } });
  await c.settle();
  expect(await c.find(child)).toBeUndefined();
  expect(await c.find(owner)).toBeUndefined();
});

test('orphaned dependents stay and lose their reference', async () => {
  await using c = await cluster();
  const owner = await c.create(ConfigMap, { metadata: { name: 'owner' } });
  const child = await c.create(ConfigMap, of('child', owner));
  await c.client.delete(ConfigMap, key('owner'), { propagation: 'Orphan' });
  await c.settle();
  expect(await c.find(owner)).toBeUndefined();
  expect((await c.find(child))?.metadata.ownerReferences ?? []).toEqual([]);
});

test('an owner of the same name but another uid does not count', async () => {
  await using c = await cluster();
  const owner = await c.create(ConfigMap, { metadata: { name: 'owner' } });
  const [reference] = ownedBy(owner);
  const child = await c.create(ConfigMap, {
    metadata: { name: 'child', ownerReferences: [{ ...reference!, uid: 'another' }] },
  });
  expect(await c.find(child)).toBeUndefined();
});

test('a cluster-scoped owner takes its namespaced dependents along', async () => {
  await using c = await cluster();
  const node = await c.create(Node, testNode('node-1'));
  const child = await c.create(ConfigMap, of('child', node));
  await c.client.delete(Node, { name: 'node-1' });
  await c.settle();
  expect(await c.find(child)).toBeUndefined();
});

test('a cluster-scoped object whose owner is said to be namespaced is left alone', async () => {
  await using c = await cluster();
  const owner = await c.create(ConfigMap, { metadata: { name: 'owner' } });
  const node = await c.create(Node, {
    ...testNode('node-1'),
    metadata: { name: 'node-1', ownerReferences: ownedBy(owner) },
  });
  await c.client.delete(ConfigMap, key('owner'));
  await c.settle();
  expect(await c.find(node)).toBeDefined();
});

test('custom resources own and are owned as any other, while their kind exists', async () => {
  await using c = await cluster();
  const Widget = await widgetKind(c);
  await c.settle();
  const owner = await c.create(Widget, { metadata: { name: 'owner' } });
  const child = await c.create(ConfigMap, of('child', owner));
  const grandchild = await c.create(Widget, of('grandchild', child));
  await c.client.delete(Widget, key('owner'), { propagation: 'Foreground' });
  await c.settle();
  expect(await c.find(child)).toBeUndefined();
  expect(await c.find(Widget, key('grandchild'))).toBeUndefined();
  expect(await c.find(Widget, key('owner'))).toBeUndefined();
  expect(grandchild.kind).toBe('Widget');
  await c.client.delete(CustomResourceDefinition, { name: 'widgets.example.com' });
  await c.settle();
  expect((await c.client.list(CustomResourceDefinition)).items).toEqual([]);
});
