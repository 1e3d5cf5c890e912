import { afterAll, expect } from 'vitest';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Service } from '../../../src/api/core/service.ts';
import { conformance, eventually, stopCluster } from './conformance.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

let extra = 0;

/** A namespace that a test may delete, with its pods' account there. */
async function another({ client }: Conformance): Promise<string> {
  const name = `nsdelete-${++extra}`;
  await client.create(Namespace, { metadata: { name } });
  return name;
}

async function gone({ client }: Conformance, name: string): Promise<void> {
  await eventually(() => expect(client.get(Namespace, { name })).rejects.toMatchObject({ code: 404 }));
}

function runPod({ client }: Conformance, namespace: string, metadata: object = {}): Promise<Pod> {
  const spec = { containers: [{ name: 'nginx', image: 'pause' }] };
  return eventually(() => client.create(Pod, { metadata: { name: 'test-pod', namespace, ...metadata }, spec }));
}

conformance(
  'Namespaces should ensure that all pods are removed when a namespace is deleted [Serial]',
  async (context) => {
    const { client } = context;
    const namespace = await another(context);
    await runPod(context, namespace);
    await client.delete(Namespace, { name: namespace });
    await gone(context, namespace);
    await client.create(Namespace, { metadata: { name: namespace } });
    expect((await client.list(Pod, { namespace })).items).toEqual([]);
  },
);

conformance(
  'Namespaces should ensure that all services are removed when a namespace is deleted [Serial]',
  async (context) => {
    const { client } = context;
    const namespace = await another(context);
    const spec = { selector: { foo: 'bar' }, ports: [{ port: 80 }] };
    await client.create(Service, { metadata: { name: 'test-service', namespace }, spec });
    await client.delete(Namespace, { name: namespace });
    await gone(context, namespace);
    await client.create(Namespace, { metadata: { name: namespace } });
    expect((await client.list(Service, { namespace })).items).toEqual([]);
  },
);

conformance('OrderedNamespaceDeletion namespace deletion should delete pod first', async (context) => {
  const { client } = context;
  const namespace = await another(context);
  await runPod(context, namespace, { finalizers: ['e2e.example.com/finalizer'] });
  await client.create(ConfigMap, { metadata: { name: 'test-configmap', namespace } });
  await client.delete(Namespace, { name: namespace });
  // While the pod can't go, nothing else does.
  await eventually(async () => {
    const { status } = await client.get(Namespace, { name: namespace });
    const remaining = status.conditions?.find(({ type }) => type === 'NamespaceDeletionContentFailure');
    expect([status.phase, remaining === undefined]).toEqual(['Terminating', false]);
  });
  expect((await client.get(Pod, { namespace, name: 'test-pod' })).metadata.deletionTimestamp).toBeDefined();
  const kept = await client.get(ConfigMap, { namespace, name: 'test-configmap' });
  expect(kept.metadata.deletionTimestamp).toBeUndefined();
  await client.patch(Pod, { namespace, name: 'test-pod' }, { type: 'merge', body: { metadata: { finalizers: null } } });
  await gone(context, namespace);
});

conformance('Namespaces should patch a Namespace [Serial]', async (context) => {
  const { client, namespace: name } = context;
  const body = { metadata: { labels: { testLabel: 'testValue' } } };
  await client.patch(Namespace, { name }, { type: 'strategic', body });
  expect((await client.get(Namespace, { name })).metadata.labels).toMatchObject({ testLabel: 'testValue' });
});

conformance('Namespaces should apply an update to a Namespace [Serial]', async (context) => {
  const { client, namespace: name } = context;
  const found = await client.get(Namespace, { name });
  const labels = { ...found.metadata.labels, updated: 'yes' };
  const updated = await client.update(Namespace, { ...found, metadata: { ...found.metadata, labels } });
  expect(updated.metadata.labels).toMatchObject({ updated: 'yes' });
});

conformance('Namespaces should apply changes to a namespace status [Serial]', async (context) => {
  const { client, namespace: name } = context;
  const status = { subresource: 'status' };
  const condition = { type: 'StatusPatch', status: 'True' as const, reason: 'E2E', message: 'Patched by an e2e test' };
  const body = { metadata: { annotations: { e2epatch: 'yes' } }, status: { conditions: [condition] } };
  const patched = await client.patch(Namespace, { name }, { type: 'merge', body }, status);
  expect(patched.metadata.annotations).toMatchObject({ e2epatch: 'yes' });
  expect(patched.status.conditions).toContainEqual(expect.objectContaining(condition));
  const conditions = [...(patched.status.conditions ?? []), { ...condition, type: 'StatusUpdate' }];
  const updated = await client.update(Namespace, { ...patched, status: { ...patched.status, conditions } }, status);
  expect(updated.status).toMatchObject({ phase: 'Active' });
  expect(updated.status.conditions?.map(({ type }) => type)).toEqual(['StatusPatch', 'StatusUpdate']);
});

conformance('Namespaces should apply a finalizer to a Namespace [Serial]', async (context) => {
  const { client } = context;
  const name = await another(context);
  const created = await client.get(Namespace, { name });
  const finalize = { subresource: 'finalize' };
  const own = 'e2e.example.com/fakeFinalizer';
  const finalizers = [...(created.spec.finalizers ?? []), own];
  const kept = await client.update(Namespace, { ...created, spec: { finalizers } }, finalize);
  expect(kept.spec.finalizers).toEqual(['kubernetes', own]);
  await client.delete(Namespace, { name });
  await eventually(async () => {
    expect((await client.get(Namespace, { name })).spec.finalizers).toEqual([own]);
  });
  const waiting = await client.get(Namespace, { name });
  expect(waiting.status.phase).toBe('Terminating');
  await client.update(Namespace, { ...waiting, spec: { finalizers: [] } }, finalize);
  await gone(context, name);
});
