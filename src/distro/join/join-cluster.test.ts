import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen } from '../../apiserver/http/listener.ts';
import type { Listener } from '../../apiserver/http/listener.ts';
import { StatusError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { Client } from '../../client/client.ts';
import { defaultConfig } from '../config/cluster-config.ts';
import { nodeCertificates } from '../pki/needed-certificates.ts';
import { ensurePki, pkiFiles, readPair } from '../pki/cluster-pki.ts';
import { rotateAuthority } from '../pki/rotate-authority.ts';
import { createClusterToken, nodeTokenText, parseNodeToken } from './cluster-token.ts';
import { joinCluster } from './join-cluster.ts';
import type { JoinOptions } from './join-cluster.ts';
import { joinHandler } from './join-handler.ts';
import { settingsOf } from './shared-data.ts';

const clusterToken = createClusterToken();
const settings = { ...settingsOf(defaultConfig), clusterDomain: 'joined.local' };
const node = { name: 'worker', address: '10.0.0.9' };
const certificates = nodeCertificates(node).map(({ name }) => name);
const serving = {
  name: 'apiserver',
  request: { commonName: 'kube-apiserver', names: ['127.0.0.1'], usages: ['server' as const] },
};
let directory: string;
let ca: string;
let listener: Listener;
let server: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-join-'));
  await ensurePki(directory, [serving], systemClock.now());
  const files = pkiFiles(directory);
  ca = readFileSync(files.ca.certificate, 'utf8');
  const taken = { metadata: { name: 'taken' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.8' }] } };
  const nothing = {
    get: () => Promise.reject(new StatusError('NotFound', 'none')),
    list: () => Promise.resolve({ metadata: {}, items: [taken] }),
  } as unknown as Client;
  const handle = joinHandler({
    ...{ pki: directory, clusterToken, settings, clock: systemClock, log: silentLogger },
    client: nothing,
    server: 'this:6443',
  });
  const pair = readPair(files.apiserver);
  listener = await listen(
    { handle: (exchange) => void handle(exchange), handleUpgrade: ({ socket }) => void socket.destroy() },
    { host: '127.0.0.1', port: 0, tls: { cert: pair.certificate, key: pair.key, clientCa: ca } },
  );
  server = `127.0.0.1:${listener.port}`;
});
afterAll(async () => {
  await listener[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const options = (token: string, changes: Partial<JoinOptions> = {}): JoinOptions => ({
  servers: [server],
  token: parseNodeToken(token),
  nodeName: node.name,
  address: node.address,
  certificates,
  clock: systemClock,
  signal: new AbortController().signal,
  note: () => undefined,
  ...changes,
});

test('a node with the token gets certificates for keys of its own, the settings and the servers', async () => {
  const joined = await joinCluster(options(nodeTokenText(clusterToken, ca), { servers: ['127.0.0.1:9', server] }));
  expect(joined).toMatchObject({ ca, settings, servers: ['this:6443'] });
  const authority = new X509Certificate(ca).publicKey;
  for (const name of certificates) {
    const pair = joined.pairs[name];
    const certificate = new X509Certificate(pair?.certificate ?? '');
    expect(certificate.verify(authority)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(pair?.key ?? ''))).toBe(true);
  }
  const identity = (name: string): string => new X509Certificate(joined.pairs[name]?.certificate ?? '').subject;
  expect(identity('kubelet-worker')).toBe('O=system:nodes\nCN=system:node:worker');
});

test('a node with the token of another cluster of the same authority is refused', async () => {
  const token = nodeTokenText(createClusterToken(), ca);
  await expect(joinCluster(options(token))).rejects.toThrow(/does not let this node in.*the token is not/);
});

test('a server with another authority than the token says is not believed', async () => {
  const token = nodeTokenText(clusterToken, ca).replace(/\.[0-9a-f]{4}/, '.0000');
  await expect(joinCluster(options(token))).rejects.toThrow(/has another authority than the token says/);
});

test('a name that can not be a node is refused', async () => {
  const token = nodeTokenText(clusterToken, ca);
  await expect(joinCluster(options(token, { nodeName: 'Not A Name' }))).rejects.toThrow(/must be a DNS name/);
});

test('a node that is there already is not given away', async () => {
  const token = nodeTokenText(clusterToken, ca);
  await expect(joinCluster(options(token, { nodeName: 'taken' }))).rejects.toThrow(
    /does not let this node in: there is a node taken already/,
  );
});

test('the token of a node does not reveal the one of the cluster, and neither is taken for the other', () => {
  expect(nodeTokenText(clusterToken, ca)).not.toContain(clusterToken);
  expect(() => parseNodeToken(clusterToken)).toThrow(/no token of a node/);
});

test('a token from before the authority was replaced still lets a node in, which learns the new authority', async () => {
  await rotateAuthority(directory, systemClock.now());
  await ensurePki(directory, [serving], systemClock.now());
  const files = pkiFiles(directory);
  const { certificate, key } = readPair(files.apiserver);
  const bundle = readFileSync(files.ca.certificate, 'utf8');
  listener.renew({ cert: certificate, key, clientCa: bundle });
  const joined = await joinCluster(options(nodeTokenText(clusterToken, ca)));
  expect(joined.ca).toBe(bundle);
  const issued = new X509Certificate(joined.pairs['kubelet-worker']?.certificate ?? '');
  expect(issued.verify(new X509Certificate(bundle).publicKey)).toBe(true);
  expect(issued.verify(new X509Certificate(ca).publicKey)).toBe(false);
});
