import { expect, test } from 'vitest';
import { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import { servingBundleName, servingSigner, servingTrustPublisher } from './serving-trust-publisher.ts';

const [first, second] = await Promise.all(
  ['one', 'two'].map(async (name) => (await createAuthority(name, Date.now())).certificate),
);

test('the authorities of the API server are the one bundle of their signer, whatever others do to it', async () => {
  await using c = await testCluster([servingTrustPublisher(() => first!)]);
  const bundles = async () =>
    (await c.client.list(ClusterTrustBundle, { fieldSelector: `spec.signerName=${servingSigner}` })).items.map(
      ({ metadata, spec }) => [metadata.name, spec.trustBundle],
    );
  const name = servingBundleName(first!);
  expect(name).toMatch(/^kubernetes\.io:kube-apiserver-serving:[0-9a-f]{24}$/);
  await c.settle();
  expect(await bundles()).toEqual([[name, first]]);

  await c.client.patch(ClusterTrustBundle, { name }, { type: 'merge', body: { spec: { trustBundle: second! } } });
  await c.settle();
  expect(await bundles()).toEqual([[name, first]]);

  await c.client.delete(ClusterTrustBundle, { name });
  await c.settle();
  expect(await bundles()).toEqual([[name, first]]);

  const foreign = { name: 'kubernetes.io:kube-apiserver-serving:foreign' };
  await c.create(ClusterTrustBundle, {
    metadata: foreign,
    spec: { signerName: servingSigner, trustBundle: second! },
  });
  await c.create(ClusterTrustBundle, { metadata: { name: 'unrelated' }, spec: { trustBundle: second! } });
  await c.settle();
  expect(await bundles()).toEqual([[name, first]]);
  expect(await c.find(ClusterTrustBundle, { name: 'unrelated' })).toBeDefined();
});

test('another authority replaces the bundle when aggregated servers are told, and otherwise within minutes', async () => {
  let ca = 'nothing yet';
  await using c = await testCluster([servingTrustPublisher(() => ca)]);
  const names = async () => (await c.client.list(ClusterTrustBundle)).items.map(({ metadata }) => metadata.name);
  await c.settle();
  expect(await names()).toEqual([]);
  ca = first!;
  const metadata = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  await c.create(ConfigMap, { metadata, data: { 'client-ca-file': ca } });
  await c.settle();
  expect(await names()).toEqual([servingBundleName(first!)]);
  ca = second!;
  await c.advance('5m');
  expect(await names()).toEqual([servingBundleName(second!)]);
});
