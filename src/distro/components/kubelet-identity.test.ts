import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SelfSubjectReview } from '../../api/authentication/self-subject-review.ts';
import { Node } from '../../api/core/node.ts';
import { Secret } from '../../api/core/secret.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { serveApi } from '../../apiserver/http/serve.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { csrApproving } from '../../controllers/certificates/csr-approving.ts';
import { csrSigning } from '../../controllers/certificates/csr-signing.ts';
import { nodeCertificateApproving } from '../../controllers/certificates/node-approving.ts';
import { createAuthority, issueCertificate } from '../../machinery/x509/certificate-authority.ts';
import { testCluster } from '../testing/test-cluster.ts';
import { openKubeletCertificates } from './kubelet-certificates.ts';
import type { KubeletFlags } from './kubelet-flags.ts';
import { currentFile } from './kubelet-identity.ts';

const address = '192.0.2.7';

/** A control plane over HTTPS with a bootstrap token, and a folder in which a kubelet begins with nothing but that. */
async function startCluster() {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'kubets-kubelet-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const clock = new FakeClock(Date.now());
  const now = clock.now();
  const authority = await createAuthority('ca', now);
  const names = ['127.0.0.1'];
  const serving = await issueCertificate(authority, { commonName: 'api', names, usages: ['server'], now, days: 1 });
  const controllers = [
    csrApproving,
    csrSigning({ authority: () => authority }),
    nodeCertificateApproving({ foreignNetworks: [] }),
  ];
  const c = starting.use(await testCluster(controllers, { clock, bootstrapTokens: true }));
  const listener = starting.use(
    await serveApi({
      server: c.server,
      version: { gitVersion: 'v1.36.0' },
      ...{ host: '127.0.0.1', port: 0 },
      tls: { cert: serving.certificate, key: serving.key, clientCa: authority.certificate },
    }),
  );
  await c.create(Secret, {
    metadata: { namespace: 'kube-system', name: 'bootstrap-token-abcdef' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
    },
  });
  const certificates = 'system:certificates.k8s.io:certificatesigningrequests';
  for (const name of ['system:node-bootstrapper', `${certificates}:nodeclient`])
    await c.create(ClusterRoleBinding, {
      metadata: { name: `join-${name}`.replaceAll(':', '-') },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:bootstrappers' }],
    });
  const bootstrap = join(directory, 'bootstrap.kubeconfig');
  const server = `https://127.0.0.1:${listener.port}`;
  const cluster = { server, 'certificate-authority-data': btoa(authority.certificate) };
  writeFileSync(
    bootstrap,
    JSON.stringify({
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 'abcdef.0123456789abcdef' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const stack = starting.move();
  return { c, clock, directory, bootstrap, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Moves time while cryptography and the network, which take real time, do their part. */
async function during<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const deadline = performance.now() + 15_000;
  const state = { isOver: false };
  const done = promise.finally(() => void (state.isOver = true));
  done.catch(() => undefined);
  while (!state.isOver) {
    if (performance.now() > deadline) throw new Error('it took too long');
    // Little at a time: what waits for real work must not run into its own time limits meanwhile.
    await clock.advance(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

test('a kubelet joins with a bootstrap token, gets a serving certificate, and needs neither a second time', async () => {
  await using w = await startCluster();
  const { c, clock, directory } = w;
  const kubeconfig = join(directory, 'kubelet.kubeconfig');
  const pki = join(directory, 'pki');
  const flags = {
    'bootstrap-kubeconfig': w.bootstrap,
    'cert-dir': pki,
    'rotate-certificates': true,
    'rotate-server-certificates': true,
  } as unknown as KubeletFlags;
  const open = () =>
    openKubeletCertificates({
      ...{ flags, kubeconfig },
      config: { nodeName: 'fresh', nodeIP: address },
      context: { clock, random: seededRandom(), log: silentLogger, signal: new AbortController().signal },
    });
  const first = await during(clock, open());
  await using _first = first;
  const { userInfo } = (await first.client.create(SelfSubjectReview, { metadata: {} })).status ?? {};
  expect([userInfo?.username, userInfo?.groups]).toEqual([
    'system:node:fresh',
    ['system:nodes', 'system:authenticated'],
  ]);
  expect(readFileSync(kubeconfig, 'utf8')).toContain(`client-certificate: ${currentFile(pki, 'kubelet-client')}`);
  for (const file of [kubeconfig, currentFile(pki, 'kubelet-client')]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(first.serving.pair).toBeUndefined();
  const status = { addresses: [{ type: 'InternalIP', address }] };
  await c.create(Node, { metadata: { name: 'fresh' }, spec: {}, status });
  const served = async () => {
    while (!first.serving.pair) await new Promise((resolve) => setImmediate(resolve));
  };
  await during(clock, served());
  const certificate = new X509Certificate(first.serving.pair?.certificate ?? '');
  expect(certificate.subjectAltName).toBe(`DNS:fresh, IP Address:${address}`);
  expect(existsSync(currentFile(pki, 'kubelet-server'))).toBe(true);

  await c.client.delete(Secret, { namespace: 'kube-system', name: 'bootstrap-token-abcdef' });
  const second = await during(clock, open());
  await using _second = second;
  expect(second.serving.pair?.certificate).toContain(first.serving.pair?.certificate);
  const again = await second.client.create(SelfSubjectReview, { metadata: {} });
  expect(again.status?.userInfo?.username).toBe('system:node:fresh');
});
