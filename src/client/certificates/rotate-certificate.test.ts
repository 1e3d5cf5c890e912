import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { seededRandom } from '../../base/random.ts';
import { csrApproving } from '../../controllers/certificates/csr-approving.ts';
import { csrSigning } from '../../controllers/certificates/csr-signing.ts';
import { testCluster } from '../../distro/testing/test-cluster.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import { createAuthority } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatePeriod, isPair } from '../../machinery/x509/certificate-period.ts';
import { CertificateSource } from './certificate-source.ts';
import type { WantedCertificate } from './request-certificate.ts';
import { renewalTime, rotateCertificate } from './rotate-certificate.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 1);
let authority: KeyPair;
beforeAll(async () => void (authority = await createAuthority('ca', start)));

const wanted: WantedCertificate = {
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  subject: { commonName: 'system:node:a', organizations: ['system:nodes'] },
  usages: ['digital signature', 'client auth'],
  expirationSeconds: 36_000,
};

/** A node `a` that keeps its certificate valid, by its own rights. */
function rotating(c: TestCluster, source = new CertificateSource()) {
  const stop = new AbortController();
  const seen: KeyPair[] = [];
  source.subscribe(() => void (source.pair && seen.push(source.pair)));
  const problems: string[] = [];
  const log = {
    ...{ info: () => undefined, warning: () => undefined, v: () => log, with: () => log },
    error: (_: string, fields?: { readonly err?: unknown }) => void problems.push(String(fields?.err)),
  };
  const running = rotateCertificate(
    {
      name: 'kubelet client',
      wanted,
      current: () => source.pair,
      replace: (pair) => source.replace(pair),
      client: c.server.client({ name: 'system:node:a', groups: ['system:nodes', 'system:authenticated'] }),
      clock: c.clock,
      random: seededRandom(),
      log,
    },
    stop.signal,
  );
  return {
    ...{ source, seen, problems },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await running;
    },
  };
}

/** Until the node, whose cryptography takes real time, has asked, and has noticed the answer. */
async function untilRenewed(c: TestCluster, seen: readonly unknown[], count: number): Promise<void> {
  const deadline = performance.now() + 25_000;
  while (seen.length < count) {
    if (performance.now() > deadline) throw new Error('the certificate was not renewed');
    await c.rest();
    await c.advance('1s');
  }
}

/** Until the node has asked `count` times; its keys take real time. */
async function untilAsked(c: TestCluster, count: number): Promise<readonly CertificateSigningRequest[]> {
  const deadline = performance.now() + 25_000;
  for (;;) {
    const requests = await c.list(CertificateSigningRequest);
    if (requests.length >= count) return requests;
    if (performance.now() > deadline) throw new Error('the node did not ask');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function clusterOfRenewals(): Promise<TestCluster> {
  const c = await testCluster([csrApproving, csrSigning({ authority: () => authority, lifetime: 10 * hour })]);
  await c.create(ClusterRoleBinding, {
    metadata: { name: 'renewal' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:nodes' }],
  });
  return c;
}

describe('a kubelet that keeps its certificate valid', () => {
  test('asks for one when it has none, and for the next when most of its life is over', async () => {
    await using c = await clusterOfRenewals();
    await using node = rotating(c);
    await untilRenewed(c, node.seen, 1);
    const [first] = node.seen;
    expect(new X509Certificate(first?.certificate ?? '').subject).toBe('O=system:nodes\nCN=system:node:a');
    expect(first && isPair(first)).toBe(true);
    await c.advance('6h55m');
    expect(node.seen).toHaveLength(1);
    await c.advance('2h');
    await untilRenewed(c, node.seen, 2);
    expect(c.clock.now()).toBeLessThan(certificatePeriod(first?.certificate ?? '').notAfter);
    expect(node.seen[1]?.key).not.toBe(first?.key);
    expect(node.problems).toEqual([]);
  });

  test('tries again when it was denied, and says why', async () => {
    await using c = await testCluster();
    await using node = rotating(c);
    const [request] = await untilAsked(c, 1);
    if (!request) throw new Error('there is a request');
    const denied = { type: 'Denied', status: 'True', reason: 'Test', message: 'not you' };
    const status = { conditions: [denied] };
    await c.client.update(CertificateSigningRequest, { ...request, status }, { subresource: 'approval' });
    await c.advance('1s');
    expect(node.problems).toEqual(['certificate signing request is denied, reason: Test, message: not you']);
    await c.advance('2s');
    expect(await untilAsked(c, 2)).toHaveLength(2);
  });

  test('waits for an answer no longer than a quarter of an hour', async () => {
    await using c = await testCluster();
    await using node = rotating(c);
    await untilAsked(c, 1);
    await c.advance('15m');
    expect(node.problems).toEqual([expect.stringMatching(/^the certificate request csr-\w+ was not answered/)]);
  });
});

test('a certificate is renewed between seven and nine tenths of its life', () => {
  const { notBefore, notAfter } = certificatePeriod(authority.certificate);
  const part = (random: number): number =>
    (renewalTime(authority.certificate, { next: () => random, uuid: () => '' }) - notBefore) / (notAfter - notBefore);
  expect(part(0)).toBeCloseTo(0.7);
  expect(part(0.999999)).toBeCloseTo(0.9);
});
