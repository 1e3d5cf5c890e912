import { expect, test } from 'vitest';
import { Lease } from '../../api/coordination/lease.ts';
import { Endpoints } from '../../api/core/endpoints.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { microTimestamp } from '../../base/clock.ts';
import { fakeKubelet } from '../../distro/testing/fake-kubelet.ts';
import type { FakeKubeletOptions } from '../../distro/testing/fake-kubelet.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { podOf, serviceOf } from '../testing/workloads.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { endpointWithdrawal } from './endpoint-withdrawal.ts';
import { endpointsController } from './endpoints.ts';
import { endpointSliceMirroring } from './slice-mirroring.ts';
import { appliedAnnotation, withdrawnCondition } from './withdrawal-plan.ts';

function cluster(kubelet: FakeKubeletOptions = {}): Promise<TestCluster> {
  return testCluster([endpointSliceController, endpointsController, endpointWithdrawal(), ...fakeKubelet(kubelet)]);
}

async function theSlice(c: TestCluster): Promise<EndpointSlice> {
  const slices = await c.list(EndpointSlice);
  expect(slices).toHaveLength(1);
  return slices[0]!;
}

test('a service with a selector gets a slice with its pods and the number of the named port', async () => {
  await using c = await cluster();
  const service = await c.create(Service, serviceOf());
  const pod = await c.create(Pod, podOf('a', { node: 'node-1' }));
  const slice = await theSlice(c);
  expect(slice.metadata.labels).toMatchObject({
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  expect(slice.metadata.ownerReferences?.[0]?.uid).toBe(service.metadata.uid);
  expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ name: 'web', protocol: 'TCP', port: 8080 }] });
  expect(slice.endpoints).toMatchObject([
    {
      addresses: [(await c.find(pod))?.status.podIP],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', name: 'a', uid: pod.metadata.uid },
    },
  ]);
});

test('a service without endpoints has one empty slice, which says so', async () => {
  await using c = await cluster();
  await c.create(Service, serviceOf());
  expect((await theSlice(c)).endpoints ?? []).toEqual([]);
});

test('a pod that is being deleted is no longer ready, but still serving', async () => {
  await using c = await cluster({ stopAfter: 20_000 });
  await c.create(Service, serviceOf());
  await c.create(Pod, podOf('a', { node: 'node-1' }));
  await c.client.delete(Pod, { namespace: 'default', name: 'a' });
  await c.settle();
  expect((await theSlice(c)).endpoints?.[0]?.conditions).toEqual({ ready: false, serving: true, terminating: true });
  await c.advance('20s');
  expect((await theSlice(c)).endpoints ?? []).toEqual([]);
});

test('a pod that is not ready is listed as such, unless the service publishes it', async () => {
  await using c = await cluster({ ready: () => false });
  await c.create(Service, serviceOf());
  await c.create(Pod, podOf('a', { node: 'node-1' }));
  expect((await theSlice(c)).endpoints?.[0]?.conditions).toEqual({ ready: false, serving: false, terminating: false });
  await c.change(Service, { name: 'web' }, (s) => ({ ...s, spec: { ...s.spec, publishNotReadyAddresses: true } }));
  expect((await theSlice(c)).endpoints?.[0]?.conditions?.ready).toBe(true);
});

test('a pod that loses its label leaves, and the slice of a deleted port goes', async () => {
  await using c = await cluster();
  await c.create(Service, serviceOf());
  await c.create(Pod, podOf('a', { node: 'node-1' }));
  await c.change(Pod, { name: 'a' }, (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } }));
  expect((await theSlice(c)).endpoints ?? []).toEqual([]);
});

test('Endpoints carry ready and not ready addresses of the same service', async () => {
  await using c = await cluster({ ready: (pod) => pod.metadata.name !== 'b' });
  await c.create(Service, serviceOf());
  await c.create(Pod, podOf('a', { node: 'node-1' }));
  await c.create(Pod, podOf('b', { node: 'node-1' }));
  const endpoints = await c.find(Endpoints, { name: 'web' });
  expect(endpoints?.subsets).toMatchObject([
    {
      addresses: [{ targetRef: { name: 'a' }, nodeName: 'node-1' }],
      notReadyAddresses: [{ targetRef: { name: 'b' } }],
      ports: [{ name: 'web', port: 8080, protocol: 'TCP' }],
    },
  ]);
  await c.client.delete(Service, { namespace: 'default', name: 'web' });
  await c.settle();
  expect(await c.find(Endpoints, { name: 'web' })).toBeUndefined();
});

test('Endpoints that somebody made by hand are left alone', async () => {
  await using c = await cluster();
  await c.create(Service, serviceOf({ selector: undefined }));
  const made = await c.create(Endpoints, {
    metadata: { name: 'web' },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }] }],
  });
  expect((await c.find(made))?.subsets).toMatchObject([{ addresses: [{ ip: '192.0.2.1' }] }]);
});

async function withdrawn(c: TestCluster, name: string): Promise<boolean> {
  const pod = await c.find(Pod, { name });
  return pod?.status.conditions?.some(({ type, status }) => type === withdrawnCondition && status === 'True') === true;
}

async function proxyApplied(c: TestCluster, node: string, version: string): Promise<void> {
  const key = { namespace: 'kube-node-lease', name: `kube-proxy.${node}` };
  const body = {
    metadata: { annotations: { [appliedAnnotation]: version } },
    spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: microTimestamp(c.clock.now()) },
  };
  await c.client
    .patch(Lease, key, { type: 'merge', body })
    .catch(() => c.client.create(Lease, { metadata: { ...key, ...body.metadata }, spec: body.spec }));
  await c.settle();
}

test('a terminating pod is confirmed as withdrawn only when every live proxy has applied its slice', async () => {
  await using c = await cluster({ stopAfter: 100_000 });
  await c.create(Service, serviceOf());
  await c.create(Pod, podOf('a', { node: 'node-1', spec: { terminationGracePeriodSeconds: 100 } }));
  const before = (await theSlice(c)).metadata.resourceVersion;
  await proxyApplied(c, 'node-1', before);
  await proxyApplied(c, 'node-2', before);
  await c.client.delete(Pod, { namespace: 'default', name: 'a' });
  await c.settle();
  expect(await withdrawn(c, 'a')).toBe(false);
  const after = (await theSlice(c)).metadata.resourceVersion;
  await proxyApplied(c, 'node-1', after);
  expect(await withdrawn(c, 'a')).toBe(false);
  await proxyApplied(c, 'node-2', after);
  expect(await withdrawn(c, 'a')).toBe(true);
});

test('a proxy that stopped renewing its lease holds nobody up for longer than 40 s', async () => {
  await using c = await cluster({ stopAfter: 100_000 });
  await c.create(Service, serviceOf());
  await c.create(Pod, podOf('a', { node: 'node-1', spec: { terminationGracePeriodSeconds: 100 } }));
  await proxyApplied(c, 'dead', '1');
  await c.client.delete(Pod, { namespace: 'default', name: 'a' });
  await c.advance('39s');
  expect(await withdrawn(c, 'a')).toBe(false);
  await c.advance('1s');
  expect(await withdrawn(c, 'a')).toBe(true);
});

test('a pod that no service selects is confirmed at once', async () => {
  await using c = await cluster({ stopAfter: 100_000 });
  await c.create(Pod, podOf('a', { node: 'node-1', labels: { app: 'alone' } }));
  await proxyApplied(c, 'node-1', '1');
  await c.client.delete(Pod, { namespace: 'default', name: 'a' });
  await c.settle();
  expect(await withdrawn(c, 'a')).toBe(true);
});

test('Endpoints made by hand are mirrored into slices, which follow them', async () => {
  await using c = await testCluster([endpointSliceController, endpointsController, endpointSliceMirroring]);
  await c.create(Service, serviceOf({ selector: undefined }));
  const ports = [{ name: 'web', port: 9000, protocol: 'TCP' as const }];
  await c.create(Endpoints, { metadata: { name: 'web' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports }] });
  expect(await theSlice(c)).toMatchObject({
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }],
  });
  await c.change(Endpoints, { name: 'web' }, (found) => ({
    ...found,
    subsets: [{ notReadyAddresses: [{ ip: '192.0.2.2' }], ports }],
  }));
  expect((await theSlice(c)).endpoints).toMatchObject([{ addresses: ['192.0.2.2'], conditions: { ready: false } }]);
  await c.client.delete(Endpoints, { namespace: 'default', name: 'web' });
  await c.settle();
  expect(await c.list(EndpointSlice)).toEqual([]);
});
