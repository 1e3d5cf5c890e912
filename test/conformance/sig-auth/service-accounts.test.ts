import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TokenRequest } from '../../../src/api/authentication/token-request.ts';
import { TokenReview } from '../../../src/api/authentication/token-review.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { allControllers } from '../../../src/controllers/registry.ts';
import { httpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../../src/distro/testing/https-cluster.ts';

let cluster: HttpsCluster;
let namespaces = 0;
beforeAll(async () => void (cluster = await httpsCluster({ controllers: allControllers({ ca: () => 'root' }) })));
afterAll(() => cluster[Symbol.asyncDispose]());

async function newNamespace(): Promise<string> {
  const name = `svcaccounts-${++namespaces}`;
  await cluster.client.create(Namespace, { metadata: { name } });
  return name;
}

async function tokenOf(namespace: string, name: string): Promise<string> {
  const object = { metadata: { name, namespace }, spec: {} };
  const issued = await cluster.client.createSubresource(
    ServiceAccount,
    { namespace, name },
    { subresource: 'token', kind: TokenRequest, object },
  );
  return issued.status.token ?? '';
}

const eventually = (check: () => Promise<unknown>) => expect.poll(check, { timeout: 15_000, interval: 20 });

test('[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]', async () => {
  const { client } = cluster;
  const namespace = await newNamespace();
  await client.create(ServiceAccount, { metadata: { name: 'reader', namespace } });
  const token = await tokenOf(namespace, 'reader');
  const { iss = '' } = decodeJwt(token);
  const found = (await client.json({ path: '/.well-known/openid-configuration' })) as Record<string, unknown>;
  expect(found).toMatchObject({
    issuer: iss,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
  });
  const uri = new URL(String(found['jwks_uri']));
  const keys = createRemoteJWKSet(uri, {
    [customFetch]: async (url) => Response.json(await client.json({ path: new URL(url).pathname })),
  });
  const { payload } = await jwtVerify(token, keys, { issuer: iss, audience: iss });
  expect(payload).toMatchObject({
    sub: `system:serviceaccount:${namespace}:reader`,
    'kubernetes.io': { namespace, serviceaccount: { name: 'reader' } },
  });
});

test('[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]', async () => {
  const { client } = cluster;
  const namespace = await newNamespace();
  await client.create(ServiceAccount, { metadata: { name: 'e2e', namespace } });
  const token = await tokenOf(namespace, 'e2e');
  expect(token).not.toBe('');
  const { status } = await client.create(TokenReview, { metadata: {}, spec: { token } });
  expect(status).toMatchObject({
    authenticated: true,
    user: {
      username: `system:serviceaccount:${namespace}:e2e`,
      groups: expect.arrayContaining(['system:serviceaccounts']),
    },
  });
  expect(status.error ?? '').toBe('');
});

test('[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]', async () => {
  const { client } = cluster;
  const namespace = await newNamespace();
  const key = { namespace, name: 'kube-root-ca.crt' };
  const published = () =>
    client.get(ConfigMap, key).then(
      ({ data }) => data,
      () => undefined,
    );
  await eventually(published).toEqual({ 'ca.crt': 'root' });
  await client.delete(ConfigMap, key);
  await eventually(published).toEqual({ 'ca.crt': 'root' });
  await client.patch(ConfigMap, key, { type: 'merge', body: { data: { 'ca.crt': 'changed' } } });
  await eventually(published).toEqual({ 'ca.crt': 'root' });
});

test('[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]', async () => {
  const { client } = cluster;
  const namespace = await newNamespace();
  const labelSelector = 'test-serviceaccount-static=true';
  const stop = new AbortController();
  const watched = client.watch(ServiceAccount, { namespace, labelSelector, signal: stop.signal });
  const events: string[] = [];
  const watching = (async () => {
    for await (const { type } of watched) {
      events.push(type);
      if (type === 'DELETED') return;
    }
  })();
  const labels = { 'test-serviceaccount-static': 'true' };
  await client.create(ServiceAccount, { metadata: { name: 'testserviceaccount', namespace, labels } });
  const key = { namespace, name: 'testserviceaccount' };
  const body = { automountServiceAccountToken: false };
  expect(await client.patch(ServiceAccount, key, { type: 'strategic', body })).toMatchObject(body);
  const { items } = await client.list(ServiceAccount, { labelSelector });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['testserviceaccount']);
  expect(items[0]).toMatchObject(body);
  await client.deleteCollection(ServiceAccount, { namespace, labelSelector });
  await watching;
  stop.abort();
  expect(events).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
});

test('[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]', async () => {
  const { client } = cluster;
  const namespace = await newNamespace();
  const created = await client.create(ServiceAccount, {
    metadata: { name: 'e2e-sa', namespace },
    automountServiceAccountToken: false,
  });
  expect(created.automountServiceAccountToken).toBe(false);
  const updated = await client.update(ServiceAccount, { ...created, automountServiceAccountToken: true });
  expect(updated.automountServiceAccountToken).toBe(true);
  expect(await client.get(ServiceAccount, { namespace, name: 'e2e-sa' })).toEqual(updated);
});

test('[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]', async () => {
  const { client } = cluster;
  const namespace = await newNamespace();
  await client.create(ServiceAccount, { metadata: { name: 'mount', namespace }, automountServiceAccountToken: true });
  await client.create(ServiceAccount, {
    metadata: { name: 'nomount', namespace },
    automountServiceAccountToken: false,
  });
  await eventually(() =>
    client.get(ServiceAccount, { namespace, name: 'default' }).catch(() => undefined),
  ).toBeDefined();
  const cases: readonly (readonly [account: string, asked: boolean | undefined, mounted: boolean])[] = [
    ['default', undefined, true],
    ['default', true, true],
    ['default', false, false],
    ['mount', undefined, true],
    ['mount', true, true],
    ['mount', false, false],
    ['nomount', undefined, false],
    ['nomount', true, true],
    ['nomount', false, false],
  ];
  for (const [serviceAccountName, asked, mounted] of cases) {
    const pod = await client.create(Pod, {
      metadata: { generateName: `${serviceAccountName}-`, namespace },
      spec: {
        serviceAccountName,
        ...(asked === undefined ? {} : { automountServiceAccountToken: asked }),
        containers: [{ name: 'token-test', image: 'agnhost' }],
        restartPolicy: 'Never',
      },
    });
    const mounts = pod.spec.containers[0]?.volumeMounts ?? [];
    const tokens = mounts.filter(({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount');
    expect(tokens, `${serviceAccountName}, ${asked}`).toHaveLength(mounted ? 1 : 0);
  }
});
