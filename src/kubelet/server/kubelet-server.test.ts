import 'reflect-metadata';
import https from 'node:https';
import { connect } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { CertificateSource } from '../../client/certificates/certificate-source.ts';
import { defaultKubeletConfig } from '../kubelet-config.ts';
import { PodObserver } from '../pod/pod-observer.ts';
import { FakeContainerRuntime } from '../runtime-fake/fake-container-runtime.ts';
import { runKubeletServer } from './kubelet-server.ts';

interface Identity {
  readonly cert: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
let ca: x509.X509Certificate;
let caKeys: Awaited<ReturnType<typeof makeKeys>>;
const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2040-01-01') };

const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

beforeAll(async () => {
  caKeys = await makeKeys();
  const extensions = [new x509.BasicConstraintsExtension(true)];
  ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=ca',
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions,
    ...validity,
  });
});

async function issue(subject: string, signingKey = caKeys.privateKey): Promise<Identity> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    ...validity,
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: certificate.toString('pem'), key };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A server whose API allows what `may` says of `user verb subresource`, and knows the token `good`. */
async function startServer(
  may: (question: string) => boolean,
  given?: CertificateSource,
): Promise<{ port: number; asked: string[] }> {
  const clock = new FakeClock();
  const runtime = new FakeContainerRuntime({ clock });
  const asked: string[] = [];
  const client = {
    create: async ({ kind }: { kind: string }, { spec }: { spec: Record<string, unknown> }) => {
      if (kind === 'TokenReview')
        return {
          status:
            spec['token'] === 'good'
              ? { authenticated: true, user: { username: 'monitor', groups: [] } }
              : { user: {} },
        };
      const { verb, subresource } = spec['resourceAttributes'] as { verb: string; subresource: string };
      const question = `${String(spec['user'])} ${verb} ${subresource}`;
      asked.push(question);
      return { status: { allowed: may(question) } };
    },
  };
  const services = {
    client,
    clock,
    runtime,
    log: silentLogger,
    observer: new PodObserver(runtime, { oomKilled: () => false }),
    config: { ...defaultKubeletConfig, nodeName: 'node-1', nodeIP: '10.0.0.9', drainPeriod: 0 },
    directories: { root: '/r', podLogs: '/var/log/pods', staticPods: '/manifests' },
    machine: { usage: async () => ({ cpuSeconds: 7, memoryWorkingSet: 9 }) },
    statuses: { overlay: (pod: unknown) => pod },
  };
  const workers = { pods: () => [] };
  const stop = new AbortController();
  const { cert, key } = await issue('CN=node');
  const serving = given ?? new CertificateSource({ certificate: cert, key });
  const port = Promise.withResolvers<number>();
  const options = {
    address: '127.0.0.1',
    port: 0,
    serving,
    clientCA: () => ca.toString('pem'),
    listening: port.resolve,
  };
  const done = runKubeletServer(options, { services, workers } as never, stop.signal);
  stops.push(async () => {
    stop.abort();
    await done;
  });
  return { port: await port.promise, asked };
}

function get(
  port: number,
  path: string,
  options: Partial<Identity> & { token?: string; method?: string } = {},
): Promise<{ code: number; text: string }> {
  const { token, ...tls } = options;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const request = https.request(
      { host: '127.0.0.1', port, path, ca: ca.toString('pem'), headers, agent: false, ...tls },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

test('nobody is served without a certificate or a token', async () => {
  const { port } = await startServer(() => true);
  expect(await get(port, '/pods')).toEqual({ code: 401, text: 'Unauthorized\n' });
  expect(await get(port, '/pods', { token: 'bad' })).toMatchObject({ code: 401 });
});

/** The subject of the certificate that the server shows. */
function shownBy(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: ca.toString('pem') }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('nobody connects before there is a serving certificate; one that replaces another is shown at once', async () => {
  const serving = new CertificateSource();
  const { port } = await startServer(() => true, serving);
  await expect(shownBy(port)).rejects.toThrow(/handshake/);
  for (const name of ['first', 'second']) {
    const { cert, key } = await issue(`CN=${name}`);
    serving.replace({ certificate: cert, key });
    expect(await shownBy(port)).toBe(name);
  }
  serving.replace({ certificate: 'broken', key: 'broken' });
  expect(await shownBy(port)).toBe('second');
});

test('a certificate of another CA is worth nothing', async () => {
  const { port } = await startServer(() => true);
  const stranger = await makeKeys();
  const forged = await issue('CN=kube-apiserver-kubelet-client', stranger.privateKey);
  await expect(
    get(port, '/pods', forged).then(
      ({ code }) => code,
      () => 401,
    ),
  ).resolves.toBe(401);
});

test('the API server’s client may do everything, and is not asked about', async () => {
  const { port, asked } = await startServer(() => false);
  const apiserver = await issue('CN=kube-apiserver-kubelet-client,O=system:masters');
  expect(await get(port, '/healthz', apiserver)).toEqual({ code: 200, text: 'ok' });
  expect(JSON.parse((await get(port, '/pods', apiserver)).text)).toMatchObject({ kind: 'PodList', items: [] });
  expect(asked).toEqual([]);
});

test('others may do what RBAC grants on the node’s subresources, by certificate or token', async () => {
  const { port, asked } = await startServer(
    (question) => question === 'monitor get metrics' || question === 'ann get proxy',
  );
  expect(await get(port, '/metrics', { token: 'good' })).toMatchObject({
    code: 200,
    text: expect.stringContaining('kubelet_running_pods 0'),
  });
  expect(await get(port, '/metrics/resource', { token: 'good' })).toMatchObject({
    code: 200,
    text: expect.stringContaining('node_cpu_usage_seconds_total 7'),
  });
  expect(await get(port, '/containerLogs/n/p/c', { token: 'good' })).toEqual({
    code: 403,
    text: 'Forbidden (user=monitor, verb=get, resource=nodes, subresource(s)=[proxy], node=node-1)\n',
  });
  expect(await get(port, '/containerLogs/n/p/c', await issue('CN=ann'))).toEqual({
    code: 404,
    text: 'pod "p" in namespace "n" does not exist on this node\n',
  });
  expect(await get(port, '/pods', await issue('CN=ann'))).toMatchObject({ code: 200 });
  expect(await get(port, '/exec/n/p/c?command=id', { ...(await issue('CN=ann')), method: 'POST' })).toMatchObject({
    code: 403,
  });
  expect(asked.filter((question) => question === 'monitor get metrics')).toHaveLength(1);
});

test('/configz tells what the kubelet goes by, to who may read it and to who may use nodes/proxy', async () => {
  const { port, asked } = await startServer((question) => ['monitor get configz', 'ann get proxy'].includes(question));
  const { code, text } = await get(port, '/configz', { token: 'good' });
  expect(code).toBe(200);
  expect(JSON.parse(text)).toEqual({
    kubeletconfig: expect.objectContaining({
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true, cacheTTL: '2m0s' }, x509: {} },
      maxPods: 110,
      podPidsLimit: -1,
      staticPodPath: '/manifests',
      evictionHard: {
        'memory.available': '104857600',
        'nodefs.available': '3%',
        'nodefs.inodesFree': '3%',
        'pid.available': '100',
      },
    }),
  });
  expect(await get(port, '/configz', await issue('CN=ann'))).toMatchObject({ code: 200 });
  expect(await get(port, '/configz', await issue('CN=eve'))).toEqual({
    code: 403,
    text: 'Forbidden (user=eve, verb=get, resource=nodes, subresource(s)=[configz], node=node-1)\n',
  });
  expect(asked).toEqual([
    ...['monitor get configz', 'ann get configz', 'ann get proxy', 'eve get configz', 'eve get proxy'],
  ]);
});

test('what is not there is not found', async () => {
  const { port } = await startServer(() => true);
  for (const path of ['/', '/nothing', '/toString', '/metrics/nothing'])
    expect((await get(port, path, { token: 'good' })).code, path).toBe(404);
});

test('a path means the same to who authorizes it and to who answers it', async () => {
  const { port, asked } = await startServer((question) => question === 'monitor get metrics');
  const detours = [
    '/metrics/../pods',
    '/metrics/%2e%2e/pods',
    '/metrics/.%2E/containerLogs/n/p/c',
    '/metrics/..%2fpods',
    '/metrics/..\\pods',
    '/metrics%00/',
    '/metrics/%ff',
    'http://node/metrics/../pods',
    '*',
  ];
  for (const path of detours) expect((await get(port, path, { token: 'good' })).code, path).toBe(400);
  for (const path of ['//pods', '/%70ods', '/;/metrics', '/Metrics', '/metrics;/../pods']) {
    expect([400, 403], path).toContain((await get(port, path, { token: 'good' })).code);
  }
  expect(asked.filter((question) => question.endsWith('metrics')).length).toBeLessThanOrEqual(1);
});

test('running a command is a create in every spelling', async () => {
  const { port, asked } = await startServer((question) => question === 'monitor get proxy');
  for (const path of [
    '/exec/n/p/c?command=id&output=1',
    '/%65xec/n/p/c',
    '//exec/n/p/c',
    '/attach/n/p/c',
    '/portForward/n/p',
    '/run/n/p/c',
  ])
    expect((await get(port, path, { token: 'good' })).code, path).toBe(403);
  expect(new Set(asked)).toEqual(new Set(['monitor create proxy']));
});

test('reading through nodes/proxy does not open what has a subresource of its own', async () => {
  const { port } = await startServer((question) => question === 'monitor get proxy');
  for (const path of ['/metrics', '/stats/summary']) expect((await get(port, path, { token: 'good' })).code).toBe(403);
  for (const path of ['/pods', '/healthz']) expect((await get(port, path, { token: 'good' })).code).toBe(200);
});
