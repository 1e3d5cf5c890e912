/** Client certificates and front proxies that must not be believed. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../src/machinery/x509/certificate-authority.ts';
import type { KeyPair } from '../../src/machinery/x509/certificate-authority.ts';
import { attackCluster, proxyName } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker, Reply } from './attacker.ts';

let cluster: AttackCluster;
beforeAll(async () => {
  cluster = await attackCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const now = Date.now();

function review(by: Attacker, headers: Record<string, string | string[]> = {}): Promise<Reply> {
  return by.ask('POST', whoami, {
    headers,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
}

/** Name and groups, or the status of a refusal. */
async function who(
  by: Attacker,
  headers?: Record<string, string | string[]>,
): Promise<number | { name: string; groups: readonly string[] }> {
  const { status, text } = await review(by, headers);
  if (status !== 201) return status;
  const { userInfo } = (JSON.parse(text) as { status: { userInfo: { username: string; groups?: readonly string[] } } })
    .status;
  return { name: userInfo.username, groups: userInfo.groups ?? [] };
}

function leaf(
  authority: KeyPair,
  commonName: string,
  more: Partial<Parameters<typeof issueCertificate>[1]> = {},
): Promise<KeyPair> {
  return issueCertificate(authority, { commonName, usages: ['client'], now, days: 1, ...more });
}

const masters = { organizations: ['system:masters'] };

/** A certificate with any subject, DER names as they are, signed by `signer`. */
async function certificate(
  signer: KeyPair,
  subject: x509.JsonName,
  extensions: readonly x509.Extension[] = [],
): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.create({
    subject,
    issuer: new x509.X509Certificate(signer.certificate).subjectName.toJSON(),
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 3_600_000),
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(signer.key), algorithm, false, [
      'sign',
    ]),
    signingAlgorithm: algorithm,
    extensions: [...extensions],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: `${made.toString('pem')}\n`, key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` };
}

test('a good certificate is who it says, so that the others fail for their faults', async () => {
  expect(await who(cluster.with(await leaf(cluster.authority, 'ann', { organizations: ['dev'] })))).toEqual({
    name: 'ann',
    groups: ['dev', 'system:authenticated'],
  });
});

test('a certificate of another authority is nobody, also of one with the same name', async () => {
  for (const name of ['elsewhere', 'cluster-ca', 'front-proxy-ca']) {
    const other = await createAuthority(name, now);
    expect(await who(cluster.with(await leaf(other, 'admin', masters))), name).toBe(401);
  }
});

test('a certificate that has expired, or is of the future, is nobody', async () => {
  const day = 86_400_000;
  expect(await who(cluster.with(await leaf(cluster.authority, 'admin', { ...masters, now: now - 3 * day })))).toBe(401);
  expect(await who(cluster.with(await leaf(cluster.authority, 'admin', { ...masters, now: now + 3 * day })))).toBe(401);
});

test('a certificate that is not for clients is nobody', async () => {
  expect(
    await who(cluster.with(await leaf(cluster.authority, 'admin', { ...masters, usages: ['server'], names: ['a'] }))),
  ).toBe(401);
});

test('a leaf signs for nobody, and the authority itself may do nothing', async () => {
  const ann = await leaf(cluster.authority, 'ann');
  const forged = await leaf(ann, 'admin', masters);
  const chain = { certificate: forged.certificate + ann.certificate, key: forged.key };
  expect(await who(cluster.with(chain))).toBe(401);
  const asAuthority = cluster.with(cluster.authority);
  expect([401, 403]).toContain((await asAuthority.get('/api/v1/secrets')).status);
});

test('a name is no group, however it is spelled', async () => {
  const names = [
    'system:masters',
    'a/O=system:masters',
    'a,O=system:masters',
    'a\nO=system:masters',
    'a\\nO=system:masters',
    'a\0,O=system:masters',
    'O=system:masters',
    'admin ',
    ' admin',
    'system:admin',
    'system:apiserver',
    'system:serviceaccount:kube-system:default',
    'system:node:n',
  ];
  for (const name of names) {
    const attacker = cluster.with(await certificate(cluster.authority, [{ CN: [name] }]));
    const found = await who(attacker);
    if (typeof found === 'object') expect(found.groups, name).toEqual(['system:authenticated']);
    else expect(found, name).toBe(401);
    expect([401, 403], name).toContain((await attacker.get('/api/v1/secrets')).status);
  }
});

test('groups come from organizations alone', async () => {
  const subjects: x509.JsonName[] = [
    [{ CN: ['eve'] }, { OU: ['system:masters'] }],
    [{ CN: ['eve'] }, { L: ['system:masters'] }],
    [{ CN: ['eve'] }, { O: ['SYSTEM:MASTERS'] }],
    [{ CN: ['eve'] }, { O: ['system:masters '] }],
    [{ CN: ['eve'] }, { O: ['dev,system:masters'] }],
    [{ CN: ['eve'] }, { O: ['dev\nO=system:masters'] }],
    [{ CN: ['eve'] }, { O: ['system:masters\0'] }],
    [{ O: ['dev'] }],
  ];
  for (const subject of subjects) {
    const attacker = cluster.with(await certificate(cluster.authority, subject));
    const told = JSON.stringify(subject);
    const found = await who(attacker);
    if (typeof found === 'object') expect(found.groups, told).not.toContain('system:masters');
    expect([401, 403], told).toContain((await attacker.get('/api/v1/secrets')).status);
  }
});

const spoofed = { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters', 'X-Remote-Extra-Scopes': 'all' };

test('what a front proxy says is believed only of a front proxy', async () => {
  const proxy = cluster.with(await leaf(cluster.proxyAuthority, proxyName));
  expect(await who(proxy, spoofed)).toEqual({ name: 'admin', groups: ['system:masters', 'system:authenticated'] });
  // Without a certificate.
  expect(await who(cluster.anonymous, spoofed)).toBe(403);
  // With one of a user, also of a user who is called as the proxy is.
  for (const name of ['eve', proxyName]) {
    expect(await who(await cluster.user(name), spoofed)).toEqual({ name, groups: ['system:authenticated'] });
  }
  // With one of the proxies' authority, but of another name, or not for clients.
  for (const name of ['eve', '', `${proxyName}x`, proxyName.toUpperCase(), `x\nCN=${proxyName}`, `${proxyName}\0`]) {
    const attacker = cluster.with(await certificate(cluster.proxyAuthority, [{ CN: [name] }]));
    expect(await who(attacker, spoofed), name).toBe(401);
  }
  const server = await leaf(cluster.proxyAuthority, proxyName, { usages: ['server'] });
  expect(await who(cluster.with(server), spoofed)).toBe(401);
  // With one of another authority of the same name.
  const other = await createAuthority('front-proxy-ca', now);
  expect(await who(cluster.with(await leaf(other, proxyName)), spoofed)).toBe(401);
});

test("a front proxy's certificate stands for no user", async () => {
  const proxy = cluster.with(await leaf(cluster.proxyAuthority, proxyName, masters));
  expect(await who(proxy)).toBe(401);
  expect(await who(proxy, { 'X-Remote-User': '' })).toBe(401);
  expect(await who(proxy, { 'X-Remote-Group': 'system:masters' })).toBe(401);
  expect(await who(proxy, { X_Remote_User: 'admin' })).toBe(401);
});

test('a line of a header is one group, whatever it contains', async () => {
  const proxy = cluster.with(await leaf(cluster.proxyAuthority, proxyName));
  const headers = { 'X-Remote-User': 'eve', 'X-Remote-Group': 'dev, system:masters' };
  expect(await who(proxy, headers)).toEqual({ name: 'eve', groups: ['dev, system:masters', 'system:authenticated'] });
  expect(await who(proxy, { 'X-Remote-User': 'eve', 'X-Remote-Group': ['dev', 'ops'] })).toEqual({
    name: 'eve',
    groups: ['dev', 'ops', 'system:authenticated'],
  });
});

test('what a proxy says more about a user touches nothing else', async () => {
  const proxy = cluster.with(await leaf(cluster.proxyAuthority, proxyName));
  const extras = {
    'X-Remote-Extra-__proto__': 'x',
    'X-Remote-Extra-constructor': 'x',
    'X-Remote-Extra-%zz': 'x',
    'X-Remote-Extra-%00': 'x',
    'X-Remote-Extra-': 'x',
  };
  const { status, text } = await review(proxy, { 'X-Remote-User': 'eve', ...extras });
  expect(status).toBe(201);
  expect(text).toContain('"constructor":["x"]');
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  expect((await proxy.get('/api/v1/secrets', { 'X-Remote-User': 'eve', ...extras })).status).toBe(403);
});
