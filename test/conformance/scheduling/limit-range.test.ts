import { expect, test } from 'vitest';
import { LimitRange } from '../../../src/api/core/limit-range.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { testCluster } from '../../../src/distro/testing/test-cluster.ts';

const namespace = 'default';

const amounts = (cpu: string, memory: string, storage: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ cpu, memory, 'ephemeral-storage': storage }).filter(([, amount]) => amount !== ''),
  );

const limit = {
  type: 'Container',
  min: amounts('50m', '100Mi', '100Gi'),
  max: amounts('500m', '500Mi', '500Gi'),
  default: amounts('500m', '500Mi', '500Gi'),
  defaultRequest: amounts('100m', '200Mi', '200Gi'),
};

const pod = (name: string, requests: Record<string, string> = {}, limits: Record<string, string> = {}) => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: 'pause', image: 'pause:3.10', resources: { requests, limits } }] },
});

test('[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]', async () => {
  await using cluster = await testCluster();
  const { client } = cluster;
  const labelSelector = 'time=now';
  const { items, metadata } = await client.list(LimitRange, { namespace, labelSelector });
  expect(items).toEqual([]);
  const watch = client.watch(LimitRange, { namespace, labelSelector, resourceVersion: metadata.resourceVersion });
  const made = await client.create(LimitRange, {
    metadata: { name: 'limit-range', namespace, labels: { time: 'now' } },
    spec: { limits: [limit] },
  });
  for await (const event of watch) {
    expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'limit-range' } } });
    break;
  }
  const key = { namespace, name: 'limit-range' };
  expect((await client.get(LimitRange, key)).spec.limits).toMatchObject([limit]);

  const resourcesOf = async (draft: ReturnType<typeof pod>): Promise<unknown> => {
    const { name } = (await client.create(Pod, draft)).metadata;
    return (await client.get(Pod, { namespace, name })).spec.containers[0]?.resources;
  };
  expect(await resourcesOf(pod('none'))).toEqual({ requests: limit.defaultRequest, limits: limit.default });
  expect(await resourcesOf(pod('some', amounts('', '150Mi', '150Gi'), amounts('300m', '', '')))).toEqual({
    requests: amounts('300m', '150Mi', '150Gi'),
    limits: amounts('300m', '500Mi', '500Gi'),
  });
  const little = pod('little', amounts('10m', '50Mi', '50Gi'));
  const much = pod('much', amounts('600m', '600Mi', '600Gi'), amounts('600m', '600Mi', '600Gi'));
  await expect(client.create(Pod, little)).rejects.toThrow(
    'minimum cpu usage per Container is 50m, but request is 10m',
  );
  await expect(client.create(Pod, much)).rejects.toThrow('maximum cpu usage per Container is 500m, but limit is 600m');

  const min = amounts('9m', '49Mi', '49Gi');
  await client.update(LimitRange, { ...made, spec: { limits: [{ ...limit, min }] } });
  await expect(client.create(Pod, little)).resolves.toBeDefined();
  await expect(client.create(Pod, much)).rejects.toMatchObject({ reason: 'Forbidden' });

  await client.delete(LimitRange, key);
  expect((await client.list(LimitRange, { namespace })).items).toEqual([]);
  await expect(client.create(Pod, much)).resolves.toBeDefined();
});

test('[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]', async () => {
  await using cluster = await testCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: 'other' } });
  const draft = (where: string) => ({
    metadata: { name: 'lr', namespace: where, labels: { 'e2e-test': 'lr', lr: 'created' } },
    spec: { limits: [limit] },
  });
  const made = await client.create(LimitRange, draft(namespace));
  await client.create(LimitRange, draft('other'));
  const labelSelector = 'e2e-test=lr';
  expect((await client.list(LimitRange, { labelSelector })).items).toHaveLength(2);

  const min = amounts('9m', '49Mi', '49Gi');
  const body = { metadata: { labels: { lr: 'patched' } }, spec: { limits: [{ ...limit, min }] } };
  const patched = await client.patch(LimitRange, { namespace, name: 'lr' }, { type: 'strategic', body });
  expect(patched).toMatchObject({ metadata: { labels: { lr: 'patched' } }, spec: { limits: [{ min }] } });
  expect(Number(patched.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));

  await client.deleteCollection(LimitRange, { namespace, labelSelector: 'lr=patched' });
  expect((await client.list(LimitRange, { namespace, labelSelector: 'lr=patched' })).items).toEqual([]);
  expect((await client.list(LimitRange, { labelSelector })).items).toHaveLength(1);
});
