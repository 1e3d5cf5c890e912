import { expect, test } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { Node } from '../../api/core/node.ts';
import { Service } from '../../api/core/service.ts';
import { silentLogger } from '../../base/logger.ts';
import { testNode } from '../testing/fake-kubelet.ts';
import { testCluster } from '../testing/test-cluster.ts';
import { applyAddons } from './apply-addons.ts';
import { clusterDns } from './cluster-dns.ts';
import { firstReadyNode } from './first-ready-node.ts';

const key = { namespace: 'kube-system', name: 'kube-dns' };
const dns = (image: string) => clusterDns({ image, clusterIP: '10.96.0.10', clusterDomain: 'cluster.local' });

test('applied again, an add-on says what it should and keeps what a user added', async () => {
  await using cluster = await testCluster([]);
  const context = { clock: cluster.clock, log: silentLogger, signal: new AbortController().signal };
  await applyAddons(cluster.client, dns('old:1'), context);
  const labels = { type: 'merge', body: { metadata: { labels: { mine: 'yes' } } } } as const;
  await cluster.client.patch(Deployment, key, labels);
  await applyAddons(cluster.client, dns('new:2'), context);
  const deployment = await cluster.client.get(Deployment, key);
  expect(deployment.metadata.labels).toMatchObject({ mine: 'yes' });
  expect(deployment.spec.template.spec.containers.map(({ image }) => image)).toEqual(['new:2']);
  // Both protocols of one port: a strategic merge would make one of the two.
  const service = await cluster.client.get(Service, key);
  expect(service.spec.ports?.map(({ port, protocol }) => `${port}/${protocol}`)).toEqual([
    '53/UDP',
    '53/TCP',
    '9153/TCP',
  ]);
});

test('applied again without a change, an add-on writes nothing', async () => {
  await using cluster = await testCluster([]);
  const context = { clock: cluster.clock, log: silentLogger, signal: new AbortController().signal };
  await applyAddons(cluster.client, dns('old:1'), context);
  const before = await cluster.client.get(Deployment, key);
  await applyAddons(cluster.client, dns('old:1'), context);
  expect((await cluster.client.get(Deployment, key)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
});

test('add-ons wait for the first node that is ready', async () => {
  await using cluster = await testCluster([]);
  let ready = false;
  const { signal } = new AbortController();
  const waiting = firstReadyNode(cluster.client, { clock: cluster.clock, signal }).then(() => (ready = true));
  const { name } = (await cluster.create(testNode('node-1'))).metadata;
  const condition = (status: string) =>
    ({ type: 'merge', body: { status: { conditions: [{ type: 'Ready', status }] } } }) as const;
  await cluster.client.patch(Node, { name }, condition('False'), { subresource: 'status' });
  await cluster.settle();
  expect(ready).toBe(false);
  await cluster.client.patch(Node, { name }, { type: 'merge', body: { spec: { taints: null } } });
  await cluster.client.patch(Node, { name }, condition('True'), { subresource: 'status' });
  await waiting;
});
