import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SelfSubjectReview } from '../../api/authentication/self-subject-review.ts';
import { Node } from '../../api/core/node.ts';
import { serveApi } from '../../apiserver/http/serve.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { csrApproving } from '../../controllers/certificates/csr-approving.ts';
import { csrSigning } from '../../controllers/certificates/csr-signing.ts';
import { nodeCertificateApproving } from '../../controllers/certificates/node-approving.ts';
import { issueCertificate } from '../../machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatePeriod, isPair } from '../../machinery/x509/certificate-period.ts';
import { nodeAddons } from '../addons/node-certificates.ts';
import { applyAddons } from '../addons/apply-addons.ts';
import { defaultConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import { signerOf } from '../pki/authority-bundle.ts';
import { ensurePki, pkiFiles, readPair } from '../pki/cluster-pki.ts';
import { nodeCertificates } from '../pki/needed-certificates.ts';
import { nodeSigning } from '../server/node-signing.ts';
import { testCluster } from '../testing/test-cluster.ts';
import { rotateAuthority } from '../pki/rotate-authority.ts';
import { keepNodePair, writeNodeKubeconfigs } from '../up/identities.ts';
import { planCluster } from '../up/cluster-plan.ts';
import { NodeIdentity } from './node-identity.ts';

const day = 86_400_000;
const certificates = ['kubelet-worker', 'kube-proxy-worker', 'kubelet-server-worker'];

/** A worker of a control plane that is served over HTTPS; real certificates need a clock that begins now. */
async function startWorker() {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'kubets-identity-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const layout = layoutOf(directory);
  const files = pkiFiles(layout.pki);
  const clock = new FakeClock(Date.now());
  const names = ['127.0.0.1'];
  const api = { name: 'apiserver', request: { commonName: 'api', names, usages: ['server' as const] } };
  const address = '192.0.2.9';
  await ensurePki(layout.pki, [api, ...nodeCertificates({ name: 'worker', address })], clock.now());
  const c = starting.use(
    await testCluster(
      [csrApproving, csrSigning(nodeSigning(layout.pki)), nodeCertificateApproving({ foreignNetworks: [] })],
      { clock },
    ),
  );
  const pair = readPair(files.apiserver);
  const listener = starting.use(
    await serveApi({
      server: c.server,
      version: { gitVersion: 'v1.36.0' },
      ...{ host: '127.0.0.1', port: 0 },
      tls: { cert: pair.certificate, key: pair.key, clientCa: readPair(files.ca).certificate },
    }),
  );
  const context = { clock, log: silentLogger, signal: new AbortController().signal };
  await applyAddons(c.client, nodeAddons, context);
  await c.create(Node, {
    metadata: { name: 'worker' },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address }] },
  });
  const config = {
    ...defaultConfig,
    dataDir: directory,
    server: `127.0.0.1:${listener.port}`,
    balancerPort: listener.port,
  };
  const plan = planCluster(config, { address, hostName: 'worker' });
  const [node] = plan.nodes;
  if (!node) throw new Error('there is a node');
  const authority = signerOf(readPair(files.ca));
  /** One that was issued `age` days ago, for a thousand days. */
  const issue = (name: string, age: number): Promise<KeyPair> => {
    const needed = nodeCertificates(node).find((one) => one.name === name);
    if (!needed) throw new Error(`there is no certificate ${name}`);
    return issueCertificate(authority, { ...needed.request, now: clock.now() - age * day, days: 1000 });
  };
  writeNodeKubeconfigs(layout, plan, node);
  const stack = starting.move();
  return {
    ...{ c, clock, layout, plan, node, files, issue, listener },
    keep: (name: string, kept: KeyPair) => keepNodePair({ layout, plan, node }, name, kept),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function whoIs(client: Client) {
  const { userInfo } = (await client.create(SelfSubjectReview, { metadata: {} })).status ?? {};
  return { name: userInfo?.username, credential: userInfo?.extra?.['authentication.kubernetes.io/credential-id']?.[0] };
}

const credentialOf = (certificate: string): string =>
  `X509SHA256=${new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()}`;

/** Moves time while cryptography and the network, which take real time, do their part; little: certificates must be valid by both. */
async function until(clock: FakeClock, check: () => boolean): Promise<void> {
  const deadline = performance.now() + 25_000;
  while (!check()) {
    if (performance.now() > deadline) throw new Error('it did not happen');
    await clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a worker renews what ends soon by requests, and shows it at once, also after a restart', async () => {
  await using w = await startWorker();
  for (const name of certificates) w.keep(name, await w.issue(name, 950));
  const before = certificates.map((name) => readPair(w.files.client(name)));
  await using identity = await NodeIdentity.open({ ...w, log: silentLogger, signal: AbortSignal.any([]) });
  const kubelet = identity.client('kubelet', 'test');
  const proxy = identity.client('kube-proxy', 'test');
  expect(await whoIs(kubelet)).toEqual({
    name: 'system:node:worker',
    credential: credentialOf(before[0]?.certificate ?? ''),
  });
  const stop = new AbortController();
  const running = identity.run(stop.signal);
  const pairs = () => certificates.map((name) => readPair(w.files.client(name)));
  await until(w.clock, () => pairs().every(({ certificate }, index) => certificate !== before[index]?.certificate));
  stop.abort(new Error('enough'));
  await running;
  const [kubeletPair, proxyPair, servingPair] = pairs();
  if (!kubeletPair || !proxyPair || !servingPair) throw new Error('there are three');
  for (const pair of pairs()) {
    expect(isPair(pair)).toBe(true);
    expect(certificatePeriod(pair.certificate).notAfter - w.clock.now()).toBeGreaterThan(300 * day);
  }
  expect(await whoIs(kubelet)).toEqual({
    name: 'system:node:worker',
    credential: credentialOf(kubeletPair.certificate),
  });
  expect(await whoIs(proxy)).toEqual({ name: 'system:kube-proxy', credential: credentialOf(proxyPair.certificate) });
  expect(identity.serving.pair).toEqual(servingPair);
  expect(new X509Certificate(servingPair.certificate).subjectAltName).toBe('DNS:worker, IP Address:192.0.2.9');
  const { connection } = await loadKubeconfig(w.layout.node('worker').kubeletKubeconfig);
  expect(connection.certificate?.cert).toBe(kubeletPair.certificate);
});

test('of another authority of the cluster a worker gets its certificates anew, long before they end', async () => {
  await using w = await startWorker();
  await using identity = await NodeIdentity.open({ ...w, log: silentLogger, signal: AbortSignal.any([]) });
  const kubelet = identity.client('kubelet', 'test');
  const stop = new AbortController();
  const running = identity.run(stop.signal);
  await rotateAuthority(w.layout.pki, w.clock.now());
  const { certificate: authorities } = readPair(w.files.ca);
  const { certificate: cert, key } = readPair(w.files.apiserver);
  w.listener.renew({ cert, key, clientCa: authorities });
  const newest = new X509Certificate(authorities).publicKey;
  const isNew = (name: string): boolean =>
    new X509Certificate(readPair(w.files.client(name)).certificate).verify(newest);
  await until(w.clock, () => certificates.every(isNew));
  stop.abort(new Error('enough'));
  await running;
  expect((await whoIs(kubelet)).credential).toBe(credentialOf(readPair(w.files.client('kubelet-worker')).certificate));
});

test('what somebody else has renewed in the files is shown within seconds, once key and certificate are both there', async () => {
  await using w = await startWorker();
  const identity = await NodeIdentity.open({ ...w, log: silentLogger, signal: AbortSignal.any([]) });
  await using _identity = identity;
  const stop = new AbortController();
  const running = identity.run(stop.signal);
  const pair = await w.issue('kubelet-server-worker', 0);
  const used = identity.serving.pair;
  w.keep('kubelet-server-worker', { key: pair.key, certificate: used?.certificate ?? '' });
  await w.clock.advance(20_000);
  expect(identity.serving.pair).toEqual(used);
  w.keep('kubelet-server-worker', pair);
  await until(w.clock, () => identity.serving.pair?.certificate === pair.certificate);
  stop.abort(new Error('enough'));
  await running;
});
