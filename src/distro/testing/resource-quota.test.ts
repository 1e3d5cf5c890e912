import { expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { collectedKinds } from '../../controllers/registry.ts';
import { resourceQuotaController } from '../../controllers/resourcequota/resource-quota.ts';
import { defineResource } from '../../machinery/resource.ts';
import { testCluster } from './test-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

const namespace = 'default';
const key = { namespace, name: 'quota' };

async function withQuota(spec: object): Promise<TestCluster> {
  const cluster = await testCluster([resourceQuotaController(collectedKinds)], {
    disabledAdmission: ['ServiceAccount'],
  });
  await cluster.create(ResourceQuota, { metadata: { name: 'quota' }, spec } as never);
  return cluster;
}

async function usedOf(cluster: TestCluster) {
  await cluster.advance('2s');
  return (await cluster.find(ResourceQuota, key))?.status.used;
}

const pod = (name: string, requests: Record<string, string> | undefined, more: object = {}) => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'i', ...(requests ? { resources: { requests } } : {}) }], ...more },
});

test('the status tells promptly what is limited and what is used', async () => {
  await using cluster = await withQuota({
    hard: { configmaps: '2', 'count/configmaps': '5', 'requests.cpu': '1000m' },
  });
  const quota = await cluster.find(ResourceQuota, key);
  expect(quota?.status).toEqual({
    hard: { configmaps: '2', 'count/configmaps': '5', 'requests.cpu': '1' },
    used: { configmaps: '0', 'count/configmaps': '0', 'requests.cpu': '0' },
  });
});

test('objects are refused beyond the limit, and count no more once they are gone', async () => {
  await using cluster = await withQuota({ hard: { configmaps: '1' } });
  const { client } = cluster;
  const map = (name: string) => client.create(ConfigMap, { metadata: { name, namespace } });
  await map('a');
  expect((await cluster.find(ResourceQuota, key))?.status.used).toEqual({ configmaps: '1' });
  await expect(map('b')).rejects.toMatchObject({
    reason: 'Forbidden',
    message:
      'configmaps "b" is forbidden: exceeded quota: quota, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
  });
  await client.delete(ConfigMap, { namespace, name: 'a' });
  expect(await usedOf(cluster)).toEqual({ configmaps: '0' });
  await expect(map('b')).resolves.toBeDefined();
});

test('pods must say what they need of what is limited, and use it until they have ended', async () => {
  await using cluster = await withQuota({ hard: { cpu: '1', memory: '1Gi', pods: '5' } });
  const { client } = cluster;
  await expect(client.create(Pod, pod('silent', { cpu: '100m' }))).rejects.toThrow(
    'pods "silent" is forbidden: failed quota: quota: must specify memory for: c',
  );
  const made = await client.create(Pod, pod('a', { cpu: '700m', memory: '512Mi' }));
  await expect(client.create(Pod, pod('b', { cpu: '400m', memory: '1Mi' }))).rejects.toThrow(
    'exceeded quota: quota, requested: cpu=400m, used: cpu=700m, limited: cpu=1',
  );
  expect(await usedOf(cluster)).toEqual({ cpu: '700m', memory: '512Mi', pods: '1' });
  await client.update(Pod, { ...made, status: { ...made.status, phase: 'Succeeded' } }, { subresource: 'status' });
  expect(await usedOf(cluster)).toEqual({ cpu: '0', memory: '0', pods: '0' });
});

test('scopes decide which pods a quota is about', async () => {
  await using cluster = await withQuota({ hard: { pods: '1' }, scopes: ['Terminating'] });
  const { client } = cluster;
  await client.create(Pod, pod('long', undefined));
  await client.create(Pod, pod('short', undefined, { activeDeadlineSeconds: 60 }));
  expect(await usedOf(cluster)).toEqual({ pods: '1' });
  await expect(client.create(Pod, pod('more', undefined, { activeDeadlineSeconds: 60 }))).rejects.toThrow(
    'exceeded quota',
  );
});

test('creates that race for the last units never exceed the limit', async () => {
  await using cluster = await withQuota({ hard: { configmaps: '10' } });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 64 }, (_, i) => cluster.client.create(ConfigMap, { metadata: { name: `c${i}`, namespace } })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  for (const { reason } of refused) expect(reason).toMatchObject({ reason: 'Forbidden' });
  expect(await usedOf(cluster)).toEqual({ configmaps: '10' });
});

test('custom resources are counted while their kind exists', async () => {
  await using cluster = await withQuota({ hard: { 'count/widgets.example.com': '1' } });
  const { client } = cluster;
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  await cluster.create(CustomResourceDefinition, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  } as never);
  await cluster.advance('10s');
  const Widget = defineResource({
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    scope: 'Namespaced',
    fields: {},
  });
  await client.create(Widget, { metadata: { name: 'a', namespace } });
  await expect(client.create(Widget, { metadata: { name: 'b', namespace } })).rejects.toThrow(
    'widgets.example.com "b" is forbidden: exceeded quota: quota, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
  );
  await client.delete(Widget, { namespace, name: 'a' });
  expect(await usedOf(cluster)).toEqual({ 'count/widgets.example.com': '0' });
});
