import { expect, test } from 'vitest';
import { microTimestamp } from '../../base/clock.ts';
import { ComponentStatus } from '../../api/core/component-status.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';

const healths = async ({ client }: TestServer) => {
  const { items } = await client.list(ComponentStatus);
  return Object.fromEntries(items.map(({ metadata, conditions = [] }) => [metadata.name, conditions[0]]));
};
const healthy = { type: 'Healthy', status: 'True', message: 'ok' };

test('components in the process of the server are well, those that nobody has heard of are not', async () => {
  await using c = await testServer();
  const unheard = { status: 'False', message: 'nobody holds the lease kube-system/kube-scheduler' };
  expect(await healths(c)).toMatchObject({ 'etcd-0': healthy, scheduler: unheard });
  c.server.client({ name: 'system:kube-scheduler', groups: [] });
  c.server.client({ name: 'system:serviceaccount:kube-system:job-controller', groups: [] });
  expect(await healths(c)).toEqual({ 'controller-manager': healthy, 'etcd-0': healthy, scheduler: healthy });
});

test('a component that leads is well as long as it renews its lease', async () => {
  await using c = await testServer();
  await c.client.create(Namespace, { metadata: { name: 'kube-system' } }).catch(() => undefined);
  const renewTime = microTimestamp(c.clock.now());
  await c.client.create(Lease, {
    metadata: { name: 'kube-scheduler', namespace: 'kube-system' },
    spec: { holderIdentity: 'a_1', leaseDurationSeconds: 15, renewTime },
  });
  expect(await healths(c)).toMatchObject({ scheduler: healthy });
  await c.clock.advance(16_000);
  expect(await healths(c)).toMatchObject({
    scheduler: {
      status: 'False',
      message: `a_1 has not renewed the lease kube-system/kube-scheduler since ${renewTime}`,
    },
  });
});

test('clients get one of them, select them, and see them in a table', async () => {
  await using server = await httpsTestServer();
  using client = rawClient(server);
  const path = '/api/v1/componentstatuses';
  const one = await client.request(`${path}/etcd-0`);
  expect(one.json()).toMatchObject({ kind: 'ComponentStatus', metadata: { name: 'etcd-0' }, conditions: [healthy] });
  expect((await client.request(`${path}/nothing`)).json()).toMatchObject({
    code: 404,
    message: 'componentstatuses "nothing" not found',
  });
  const selected = await client.request(`${path}?fieldSelector=metadata.name%3Detcd-0`);
  expect(selected.json()).toMatchObject({ kind: 'ComponentStatusList', items: [{ metadata: { name: 'etcd-0' } }] });
  const table = await client.request(path, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  const { rows } = table.json() as unknown as { rows: { cells: unknown[] }[] };
  expect(rows.map(({ cells }) => cells)).toContainEqual(['etcd-0', 'Healthy', 'ok', '']);
});
