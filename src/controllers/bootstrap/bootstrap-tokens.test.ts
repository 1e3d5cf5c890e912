import { expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { bootstrapSigner } from './bootstrap-signer.ts';
import { detachedSignature } from './cluster-info.ts';
import { tokenCleaner } from './token-cleaner.ts';

const info = { namespace: 'kube-public', name: 'cluster-info' };
const secretOf = 'abcdef1234567890';

const token = (c: TestCluster, id: string, fields: Record<string, string> = {}) =>
  c.create(Secret, {
    metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': id, 'token-secret': secretOf, 'usage-bootstrap-signing': 'true', ...fields },
  });
const dataOf = async (c: TestCluster) => {
  await c.rest();
  return (await c.find(ConfigMap, info))?.data;
};

test('the signature of a token is that of upstream', async () => {
  // Computed with OpenSSL: HMAC-SHA-256 under the token's secret, which zeros behind it do not change.
  expect(await detachedSignature('content', { id: 'abcdef', secret: 'ghijklmnopqrstuv' })).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..i-RziQE8Hdah29mfQLV1SjP7v2QSAi2juq08lgkIBOQ',
  );
});

test('cluster-info is signed with every token for signing, as long as there is the token', async () => {
  await using c = await testCluster([bootstrapSigner]);
  await c.create(ConfigMap, { metadata: info, data: { kubeconfig: 'one', 'jws-kubeconfig-old000': 'x', more: 'y' } });
  expect(await dataOf(c)).toEqual({ kubeconfig: 'one', more: 'y' });
  const first = await token(c, 'aaaaaa');
  await token(c, 'bbbbbb', { 'usage-bootstrap-signing': 'false' });
  const signature = async (content: string) => detachedSignature(content, { id: 'aaaaaa', secret: secretOf });
  expect(await dataOf(c)).toEqual({ kubeconfig: 'one', more: 'y', 'jws-kubeconfig-aaaaaa': await signature('one') });
  await c.change(ConfigMap, info, (map) => ({ ...map, data: { ...map.data, kubeconfig: 'two' } }));
  expect((await dataOf(c))?.['jws-kubeconfig-aaaaaa']).toBe(await signature('two'));
  await c.client.delete(Secret, { namespace: 'kube-system', name: first.metadata.name });
  await c.settle();
  expect(await dataOf(c)).toEqual({ kubeconfig: 'two', more: 'y' });
});

test('cluster-info is signed by no token that has expired, is another, or is no token, whoever deletes them', async () => {
  await using c = await testCluster([bootstrapSigner]);
  await c.create(ConfigMap, { metadata: info, data: { kubeconfig: 'one' } });
  await token(c, 'aaaaaa', { expiration: '2026-01-01T00:10:00Z' });
  await token(c, 'bbbbbb', { expiration: '2025-12-31T23:59:59Z' });
  await token(c, 'cccccc', { expiration: 'tomorrow' });
  await token(c, 'dddddd', { 'token-id': 'eeeeee' });
  await token(c, 'short');
  await token(c, 'ffffff', { 'token-secret': '' });
  await c.create(Secret, {
    metadata: { namespace: 'kube-system', name: 'bootstrap-token-gggggg' },
    stringData: { 'token-id': 'gggggg', 'token-secret': secretOf, 'usage-bootstrap-signing': 'true' },
  });
  const signature = await detachedSignature('one', { id: 'aaaaaa', secret: secretOf });
  expect(await dataOf(c)).toEqual({ kubeconfig: 'one', 'jws-kubeconfig-aaaaaa': signature });
  await c.advance('10m');
  expect(await dataOf(c)).toEqual({ kubeconfig: 'one' });
});

test('tokens that have expired are deleted, others stay', async () => {
  await using c = await testCluster([tokenCleaner]);
  const lasting = await token(c, 'aaaaaa');
  const short = await token(c, 'bbbbbb', { expiration: '2026-01-01T01:00:00Z' });
  const broken = await token(c, 'cccccc', { expiration: 'tomorrow' });
  const other = await c.create(Secret, {
    metadata: { namespace: 'default', name: 'bootstrap-token-dddddd' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { expiration: '2020-01-01T00:00:00Z' },
  });
  const there = async () =>
    (await Promise.all([lasting, short, broken, other].map((one) => c.find(one)))).map((one) => one !== undefined);
  expect(await there()).toEqual([true, true, false, true]);
  await c.advance('59m');
  expect(await there()).toEqual([true, true, false, true]);
  await c.advance('1m');
  expect(await there()).toEqual([true, false, false, true]);
});
