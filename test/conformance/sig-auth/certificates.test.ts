import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateSigningRequest } from '../../../src/api/certificates/certificate-signing-request.ts';
import { hasReason } from '../../../src/base/errors.ts';
import { httpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import { createAuthority } from '../../../src/machinery/x509/certificate-authority.ts';
import { createCertificateRequest } from '../../../src/machinery/x509/certificate-request.ts';

let cluster: HttpsCluster;
beforeAll(async () => void (cluster = await httpsCluster()));
afterAll(() => cluster[Symbol.asyncDispose]());

const resource = CertificateSigningRequest;
const group = '/apis/certificates.k8s.io';
const path = `${group}/v1/certificatesigningrequests`;
const signerName = 'example.com/e2e-certificates';
const selection = { fieldSelector: `spec.signerName=${signerName}` };
const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'Set from an e2e test' });
const typesOf = ({ status }: CertificateSigningRequest) => (status.conditions ?? []).map(({ type }) => type);

async function createRequest(): Promise<CertificateSigningRequest> {
  const { request } = await createCertificateRequest({ commonName: 'e2e.example.com', names: ['e2e.example.com'] });
  return cluster.client.create(resource, {
    metadata: { generateName: 'e2e-example-csr-' },
    spec: {
      request: btoa(request),
      signerName,
      expirationSeconds: 3600,
      usages: ['digital signature', 'key encipherment', 'server auth'],
    },
  });
}

async function expectDiscovery(): Promise<void> {
  const { client } = cluster;
  expect(await client.json({ path: '/apis' })).toMatchObject({
    groups: expect.arrayContaining([
      expect.objectContaining({
        name: 'certificates.k8s.io',
        versions: expect.arrayContaining([expect.objectContaining({ version: 'v1' })]),
      }),
    ]),
  });
  expect(await client.json({ path: group })).toMatchObject({
    versions: expect.arrayContaining([expect.objectContaining({ version: 'v1' })]),
  });
  const { resources } = (await client.json({ path: `${group}/v1` })) as { resources: { name: string }[] };
  expect(resources.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['', '/approval', '/status'].map((part) => `certificatesigningrequests${part}`)),
  );
}

/** The request itself: read, listed, watched, changed. */
async function expectMainOperations({ metadata: { name, uid } }: CertificateSigningRequest): Promise<void> {
  const { client } = cluster;
  const found = await client.get(resource, { name });
  expect([found.metadata.uid, found.spec.expirationSeconds]).toEqual([uid, 3600]);
  const list = await client.list(resource, selection);
  expect(list.items).toHaveLength(3);
  const watched = client.watch(resource, {
    fieldSelector: `metadata.name=${name}`,
    resourceVersion: list.metadata.resourceVersion,
  });
  const body = { metadata: { annotations: { patched: 'true' } } };
  const patched = await client.patch(resource, { name }, { type: 'merge', body });
  expect(patched.metadata.annotations).toEqual({ patched: 'true' });
  const annotations = { ...patched.metadata.annotations, updated: 'true' };
  const updated = await client.update(resource, { ...patched, metadata: { ...patched.metadata, annotations } });
  expect(updated.metadata.annotations).toEqual(annotations);
  for await (const event of watched) {
    expect(event.type).toBe('MODIFIED');
    if (event.type === 'MODIFIED' && event.object.metadata.annotations?.['updated'] === 'true') break;
  }
}

/** What the approver and the signer write. */
async function expectSubresources({ metadata: { name, uid } }: CertificateSigningRequest): Promise<void> {
  const { client } = cluster;
  const identity = { kind: 'CertificateSigningRequest', apiVersion: 'certificates.k8s.io/v1', metadata: { uid } };
  for (const part of ['approval', 'status'])
    expect(await client.json({ path: `${path}/${name}/${part}` })).toMatchObject(identity);
  const approval = { subresource: 'approval' };
  const asked = await client.patch(
    resource,
    { name },
    {
      type: 'merge',
      body: {
        metadata: { annotations: { patchedapproval: 'true' } },
        status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] },
      },
    },
    approval,
  );
  expect([typesOf(asked), asked.metadata.annotations?.['patchedapproval']]).toEqual([['ApprovalPatch'], 'true']);
  const conditions = [...(asked.status.conditions ?? []), condition('Approved')];
  const approved = await client.update(resource, { ...asked, status: { ...asked.status, conditions } }, approval);
  expect(typesOf(approved)).toEqual(['ApprovalPatch', 'Approved']);
  const status = { subresource: 'status' };
  const certificate = btoa((await createAuthority('e2e.example.com', Date.now())).certificate);
  const body = { metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } };
  const signed = await client.patch(resource, { name }, { type: 'merge', body }, status);
  expect([signed.status.certificate, signed.metadata.annotations?.['patchedstatus']]).toEqual([certificate, 'true']);
  const more = [...(signed.status.conditions ?? []), condition('StatusUpdate')];
  const written = await client.update(resource, { ...signed, status: { ...signed.status, conditions: more } }, status);
  expect(typesOf(written)).toEqual(['ApprovalPatch', 'Approved', 'StatusUpdate']);
}

test('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]', async () => {
  const { client } = cluster;
  await expectDiscovery();
  await createRequest();
  await createRequest();
  const request = await createRequest();
  await expectMainOperations(request);
  await expectSubresources(request);
  const { name } = request.metadata;
  await client.delete(resource, { name });
  await expect(client.get(resource, { name })).rejects.toSatisfy((error) => hasReason(error, 'NotFound'));
  expect((await client.list(resource, selection)).items).toHaveLength(2);
  await client.deleteCollection(resource, selection);
  expect((await client.list(resource, selection)).items).toHaveLength(0);
});
