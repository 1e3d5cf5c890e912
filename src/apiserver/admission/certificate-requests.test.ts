import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import type { User } from '../ports.ts';
import { testServer } from '../testing/test-server.ts';
import type { TestServer } from '../testing/test-server.ts';
import {
  certificateSubjectRestriction,
  createCertificateApproval,
  createCertificateSigning,
} from './certificate-requests.ts';

const signerName = 'example.com/serving';
const key = { name: 'mine' };

/** A server where `approver` may approve for one signer, `signer` sign for all of a domain, and everybody all else. */
function signingServer(): Promise<TestServer> {
  const authorizer = {
    authorize: ({ user, verb, resource, name }: { user: User; verb: string; resource: string; name: string }) => ({
      allowed: resource !== 'signers' || `${user.name} ${verb} ${name}` in permissions,
      reason: '',
    }),
  };
  return testServer({
    parts: () => ({
      authorizer,
      admission: [
        createCertificateApproval(authorizer),
        createCertificateSigning(authorizer),
        certificateSubjectRestriction,
      ],
    }),
  });
}

const permissions = { [`approver approve ${signerName}`]: true, 'signer sign example.com/*': true };
const user = (name: string): User => ({ name, groups: ['system:authenticated'] });

async function requestPem(subject: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(request.toString('pem')).toString('base64');
}

const asked = (request: string, signer = signerName) => ({
  metadata: key,
  spec: { request, signerName: signer, usages: ['client auth'] },
});
const conditions = (type: string) => ({
  type: 'merge' as const,
  body: { status: { conditions: [{ type, status: 'True', reason: 'R', message: 'm' }] } },
});

test('a request is approved by approvers and signed by signers, by nobody else', async () => {
  await using server = await signingServer();
  const as = (name: string) => server.server.client(user(name));
  const created = await as('ann').create(CertificateSigningRequest, asked(await requestPem('CN=ann,O=dev')));
  expect(created.spec).toMatchObject({ username: 'ann', groups: ['system:authenticated'] });

  const approve = (name: string) =>
    as(name).patch(CertificateSigningRequest, key, conditions('Approved'), { subresource: 'approval' });
  await expect(approve('ann')).rejects.toThrow(
    'certificatesigningrequests.certificates.k8s.io "mine" is forbidden: user not permitted to approve requests with signerName "example.com/serving"',
  );
  const approved = await approve('approver');
  expect(approved.status.conditions?.[0]).toMatchObject({ type: 'Approved', lastUpdateTime: expect.any(String) });

  const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n').toString('base64');
  const sign = (name: string) =>
    as(name).patch(
      CertificateSigningRequest,
      key,
      { type: 'merge', body: { status: { certificate } } },
      { subresource: 'status' },
    );
  await expect(sign('approver')).rejects.toThrow('user not permitted to sign requests with signerName');
  expect((await sign('signer')).status).toMatchObject({ certificate, conditions: [{ type: 'Approved' }] });
  const selected = await as('ann').list(CertificateSigningRequest, { fieldSelector: `spec.signerName=${signerName}` });
  expect(selected.items).toHaveLength(1);
});

test('a request must be signed, and nobody becomes an administrator by one', async () => {
  await using server = await signingServer();
  const forged = Buffer.from(await requestPem('CN=ann'), 'base64')
    .toString()
    .split('\n');
  forged.splice(2, 1, [...(forged[2] ?? '')].reverse().join(''));
  const broken = Buffer.from(forged.join('\n')).toString('base64');
  const create = (body: ReturnType<typeof asked>) => server.client.create(CertificateSigningRequest, body);
  await expect(create(asked(broken))).rejects.toThrow('spec.request: Invalid value');
  const admin = await requestPem('CN=ann,O=system:masters');
  await expect(create(asked(admin, 'kubernetes.io/kube-apiserver-client'))).rejects.toThrow(
    'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
});

test('what was asked for never changes', async () => {
  await using server = await signingServer();
  const created = await server.client.create(CertificateSigningRequest, asked(await requestPem('CN=ann')));
  const changed = { ...created, spec: { ...created.spec, signerName: 'other.com/x', username: 'root' } };
  const updated = await server.client.update(CertificateSigningRequest, {
    ...changed,
    metadata: { ...created.metadata, labels: { a: 'b' } },
  });
  expect(updated.spec).toEqual(created.spec);
  expect(updated.metadata.labels).toEqual({ a: 'b' });
});
