import { afterAll, beforeAll, expect, test } from 'vitest';
import { PodCertificateRequest } from '../../../src/api/certificates/pod-certificate-request.ts';
import { hasReason } from '../../../src/base/errors.ts';
import type { Json } from '../../../src/base/json.ts';
import type { PatchType } from '../../../src/client/client.ts';
import { httpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import { createAuthority } from '../../../src/machinery/x509/certificate-authority.ts';
import { createStubRequest } from '../../../src/machinery/x509/stub-request.ts';
import { certifyRequest } from '../../../src/machinery/x509/testing/pod-certificate.ts';

let cluster: HttpsCluster;
beforeAll(async () => void (cluster = await httpsCluster()));
afterAll(() => cluster[Symbol.asyncDispose]());

const namespace = 'default';
const label = 'test.podcertificaterequest.example.com';
const labelled = { labels: { [label]: 'test' } };
const group = '/apis/certificates.k8s.io';
const minute = 60_000;

interface Issued {
  readonly [key: string]: Json;
  readonly certificateChain: string;
}

/** A request's key, and the status that a signer gives it. */
async function keyAndStatus(): Promise<{ readonly stubPKCS10Request: string; readonly status: Issued }> {
  const { request } = await createStubRequest('ECDSAP256');
  const notBefore = Math.floor(Date.now() / 1000) * 1000 - minute;
  const notAfter = notBefore + 60 * minute;
  const authority = await createAuthority('e2e.example.com', notBefore);
  const time = (at: number): string => new Date(at).toISOString().replace('.000', '');
  const conditions = [
    {
      type: 'Issued',
      status: 'True',
      reason: 'E2E',
      message: 'Issued by E2E test patch',
      lastTransitionTime: time(notBefore),
    },
  ];
  return {
    stubPKCS10Request: Buffer.from(request).toString('base64'),
    status: {
      certificateChain: await certifyRequest(authority, request, { notBefore, notAfter }),
      notBefore: time(notBefore),
      notAfter: time(notAfter),
      beginRefreshAt: time(notBefore + 15 * minute),
      conditions,
    },
  };
}

async function expectDiscovery(): Promise<void> {
  const { client } = cluster;
  const v1 = expect.objectContaining({ version: 'v1' });
  expect(await client.json({ path: '/apis' })).toMatchObject({
    groups: expect.arrayContaining([
      expect.objectContaining({ name: 'certificates.k8s.io', versions: expect.arrayContaining([v1]) }),
    ]),
  });
  expect(await client.json({ path: group })).toMatchObject({ versions: expect.arrayContaining([v1]) });
  const { resources } = (await client.json({ path: `${group}/v1` })) as { resources: { name: string }[] };
  expect(resources.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['podcertificaterequests', 'podcertificaterequests/status']),
  );
}

const applied = { apiVersion: 'certificates.k8s.io/v1', kind: 'PodCertificateRequest' };

/** Every way of patching, with what it says of the object. */
const patches = (
  part: { readonly [key: string]: Json },
  operations: readonly Json[],
): readonly { readonly type: PatchType; readonly body: Json }[] => [
  { type: 'apply', body: { ...applied, ...part } },
  { type: 'strategic', body: part },
  { type: 'merge', body: part },
  { type: 'json', body: operations },
];

test('[sig-auth] PodCertificateRequest API [Privileged:ClusterAdmin] should support PodCertificateRequest API operations [Conformance]', async () => {
  const { client } = cluster;
  const { stubPKCS10Request, status } = await keyAndStatus();
  await expectDiscovery();
  const spec = {
    signerName: 'example.com/e2e-pcr',
    podName: 'test-pod',
    podUID: '12345678-1234-1234-1234-123456789012',
    serviceAccountName: 'default',
    serviceAccountUID: '12345678-1234-1234-1234-123456789013',
    nodeName: 'test-node',
    nodeUID: '12345678-1234-1234-1234-123456789014',
    maxExpirationSeconds: 86_400,
    stubPKCS10Request,
  };
  const create = (): Promise<PodCertificateRequest> =>
    client.create(PodCertificateRequest, {
      metadata: { generateName: 'e2e-example-pcr-', namespace, labels: { e2e: 'true' } },
      spec,
    });
  const keyOf = ({ metadata: { name } }: PodCertificateRequest) => ({ namespace, name });

  const made = await create();
  const key = keyOf(made);
  expect(made.spec).toEqual(spec);
  expect(await client.get(PodCertificateRequest, key)).toEqual(made);
  const selection = { namespace, fieldSelector: 'spec.signerName=example.com/e2e-pcr' };
  const list = await client.list(PodCertificateRequest, selection);
  expect(list.items).toEqual([made]);
  const watched = client.watch(PodCertificateRequest, {
    ...selection,
    resourceVersion: list.metadata.resourceVersion,
  });

  const updated = await client.update(PodCertificateRequest, {
    ...made,
    metadata: { ...made.metadata, ...labelled },
  });
  expect(updated.metadata.labels).toEqual(labelled.labels);
  for await (const event of watched) {
    expect(event).toMatchObject({ type: 'MODIFIED', object: { metadata: { labels: labelled.labels } } });
    break;
  }
  const add = [{ op: 'add', path: `/metadata/labels/${label}`, value: 'test' }];
  for (const patch of patches({ metadata: labelled }, add)) {
    const patched = await client.patch(PodCertificateRequest, keyOf(await create()), patch, { fieldManager: 'e2e' });
    expect(patched.metadata.labels).toMatchObject(labelled.labels);
  }

  const path = `${group}/v1/namespaces/${namespace}/podcertificaterequests/${key.name}/status`;
  expect(await client.json({ path })).toMatchObject({ ...applied, metadata: { uid: made.metadata.uid } });
  const issued = await client.update(PodCertificateRequest, { ...updated, status }, { subresource: 'status' });
  expect(issued.status).toEqual(status);
  const set = Object.entries(status).map(([name, value]) => ({ op: 'add', path: `/status/${name}`, value }));
  for (const patch of patches({ status }, set)) {
    const options = { subresource: 'status', fieldManager: 'e2e' };
    const patched = await client.patch(PodCertificateRequest, keyOf(await create()), patch, options);
    expect(patched.status).toEqual(status);
  }

  await client.delete(PodCertificateRequest, key);
  await expect(client.get(PodCertificateRequest, key)).rejects.toSatisfy((error) => hasReason(error, 'NotFound'));
  expect((await client.list(PodCertificateRequest, selection)).items).toHaveLength(8);
  await client.deleteCollection(PodCertificateRequest, selection);
  expect((await client.list(PodCertificateRequest, selection)).items).toHaveLength(0);
});
