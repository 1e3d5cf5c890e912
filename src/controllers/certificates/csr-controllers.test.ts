import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatePeriod } from '../../machinery/x509/certificate-period.ts';
import { csrApproving } from './csr-approving.ts';
import { cleanedAt, csrCleaner } from './csr-cleaner.ts';
import { csrSigning, grantedLifetime } from './csr-signing.ts';
import { signerNames } from './signer-names.ts';
import { ask, decisions, nodeUser } from './testing/certificate-requests.ts';
import type { Asking } from './testing/certificate-requests.ts';

const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
let authority: KeyPair;
beforeAll(async () => void (authority = await createAuthority('ca', start, 365)));

const usages = ['digital signature', 'client auth'];
const bootstrapper = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] };
const renewal: Asking = {
  user: nodeUser('a'),
  signerName: signerNames.kubeletClient,
  subject: { commonName: 'system:node:a', organizations: ['system:nodes'] },
  usages,
};
const joining: Asking = { ...renewal, user: bootstrapper };

/** As kubeadm binds them. */
async function bind(c: TestCluster, role: string, group: string): Promise<void> {
  await c.create(ClusterRoleBinding, {
    metadata: { name: `${role}-${group}`.replaceAll(':', '-') },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: group }],
  });
}

const signing = () => csrSigning({ authority: () => authority, lifetime: 24 * hour });

async function bootstrappingCluster(): Promise<TestCluster> {
  // What NodeRestriction would refuse is not approved either.
  const c = await testCluster([csrApproving, signing(), csrCleaner], { disabledAdmission: ['NodeRestriction'] });
  const prefix = 'system:certificates.k8s.io:certificatesigningrequests';
  await bind(c, 'system:node-bootstrapper', 'system:bootstrappers');
  await bind(c, `${prefix}:nodeclient`, 'system:bootstrappers');
  await bind(c, `${prefix}:selfnodeclient`, 'system:nodes');
  return c;
}

describe('client certificates of kubelets', () => {
  const self = { Approved: 'Auto approving self kubelet client certificate after SubjectAccessReview.' };
  const anyNode = { Approved: 'Auto approving kubelet client certificate after SubjectAccessReview.' };
  test.each<[string, Partial<Asking>, object]>([
    ['a node renews its own', {}, self],
    ['whoever joins gets one', joining, anyNode],
    ['a node asks for the one of another', { subject: { ...renewal.subject, commonName: 'system:node:b' } }, {}],
    ['a node asks to be an administrator', { subject: { commonName: 'a', organizations: ['system:masters'] } }, {}],
    ['a node wants a name besides', { subject: { ...renewal.subject, names: ['a'] } }, {}],
    ['a node wants to be a server', { usages: ['digital signature', 'server auth'] }, {}],
    ['another signer', { signerName: signerNames.apiServerClient }, {}],
    ['a serving certificate', { signerName: signerNames.kubeletServing }, {}],
  ])('%s', async (_, changes, expected) => {
    await using c = await bootstrappingCluster();
    const request = await (await ask(c, { ...renewal, ...changes })).look();
    expect(decisions(request)).toEqual(expected);
    expect(request.status.certificate === undefined).toBe(!('Approved' in expected));
  });

  test('are approved once the requester may, not before', async () => {
    await using c = await testCluster([csrApproving, signing()]);
    await bind(c, 'system:node-bootstrapper', 'system:bootstrappers');
    const { look } = await ask(c, joining);
    await c.advance('1m');
    expect(decisions(await look())).toEqual({});
    await bind(c, 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', 'system:bootstrappers');
    await c.advance('2m');
    expect(decisions(await look())).toEqual(anyNode);
  });

  test('are for the key that asked, of the authority, and last as long as was asked for', async () => {
    await using c = await bootstrappingCluster();
    const { key, look } = await ask(c, { ...renewal, expirationSeconds: 3600 });
    const text = atob((await look()).status.certificate ?? '');
    const certificate = new X509Certificate(text);
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:a');
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.verify(createPublicKey(authority.certificate))).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificatePeriod(text)).toEqual({ notBefore: c.clock.now() - 300_000, notAfter: c.clock.now() + hour });
  });
});

describe('what an administrator has approved', () => {
  const approvedBy = async (asking: Asking): Promise<CertificateSigningRequest> => {
    await using c = await testCluster([signing()]);
    const asAdministrator = { ...asking, user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] } };
    const { look } = await ask(c, asAdministrator);
    expect((await look()).status.certificate).toBeUndefined();
    const request = await look();
    const approved = { type: 'Approved', status: 'True', reason: 'Test', message: 'yes' };
    await c.client.update(
      CertificateSigningRequest,
      { ...request, status: { conditions: [approved] } },
      { subresource: 'approval' },
    );
    // Awaited here: the cluster must live until then.
    return await look();
  };

  test.each<[string, Partial<Asking>, string | undefined]>([
    ['is signed when it suits its signer', { signerName: signerNames.apiServerClient }, undefined],
    [
      'fails when the usages do not',
      { signerName: signerNames.apiServerClient, usages: ['server auth'] },
      'invalid usage for client certificate: server auth',
    ],
    ['fails when the subject does not', { subject: { commonName: 'ann' } }, 'subject organization is not system:nodes'],
    [
      'fails when there is no name',
      { signerName: signerNames.kubeletServing, usages: ['digital signature', 'server auth'] },
      'DNS or IP subjectAltName is required',
    ],
  ])('%s', async (_, changes, fault) => {
    const { status } = await approvedBy({ ...renewal, ...changes });
    expect(status.certificate === undefined).toBe(fault !== undefined);
    expect(status.conditions?.find(({ type }) => type === 'Failed')).toEqual(
      fault === undefined
        ? undefined
        : expect.objectContaining({ status: 'True', reason: 'SignerValidationFailure', message: fault }),
    );
  });

  test('is left alone when the signer is somebody else', async () => {
    const { status } = await approvedBy({ ...renewal, signerName: 'example.com/signer' });
    expect([status.certificate, status.conditions?.length]).toEqual([undefined, 1]);
  });
});

test.each([
  [undefined, 24 * hour],
  [600, 600_000],
  [60, 600_000],
  [3600, hour],
  [172_800, 24 * hour],
])('of %s seconds that are asked for, %s ms are granted of at most a day', (asked, granted) => {
  expect(grantedLifetime(asked, 24 * hour)).toBe(granted);
});

describe('old requests', () => {
  const at = (hours: number) => new Date(start + hours * hour).toISOString();
  const condition = (type: string, hours = 2) => ({ type, status: 'True', lastUpdateTime: at(hours) });
  const request = (status: CertificateSigningRequest['status']): CertificateSigningRequest =>
    ({ metadata: { name: 'x', creationTimestamp: at(0) }, spec: {}, status }) as unknown as CertificateSigningRequest;
  const certificate = () => btoa(authority.certificate);
  test.each<[string, () => CertificateSigningRequest['status'], number | undefined]>([
    ['nobody has answered', () => ({}), 24],
    ['denied', () => ({ conditions: [condition('Denied')] }), 3],
    ['failed', () => ({ conditions: [condition('Approved', 1), condition('Failed')] }), 3],
    ['issued', () => ({ conditions: [condition('Approved')], certificate: certificate() }), 3],
    [
      'issued, and expired since',
      () => ({ conditions: [condition('Approved', 9999)], certificate: certificate() }),
      365 * 24,
    ],
    [
      'issued by others, in a form of their own',
      () => ({ conditions: [condition('Approved')], certificate: 'AAAA' }),
      3,
    ],
    ['approved, and the signer is silent', () => ({ conditions: [condition('Approved')] }), undefined],
  ])('%s', (_, status, hours) => {
    expect(cleanedAt(request(status()))).toBe(hours === undefined ? undefined : start + hours * hour);
  });

  test('are deleted in time', async () => {
    await using c = await bootstrappingCluster();
    const answered = await ask(c, renewal);
    const waiting = await ask(c, { ...renewal, signerName: 'example.com/signer' });
    await c.advance('61m');
    await expect(answered.look()).rejects.toThrow('gone');
    await c.advance('22h');
    expect(decisions(await waiting.look())).toEqual({});
    await c.advance('2h');
    await expect(waiting.look()).rejects.toThrow('gone');
  });
});
