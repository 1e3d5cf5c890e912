import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensurePki, pkiFiles } from './cluster-pki.ts';
import type { NeededCertificate } from './cluster-pki.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-pki-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const now = Date.UTC(2026, 10, 22);
const day = 86_400_000;
const server = (...names: readonly string[]): NeededCertificate => ({
  name: 'apiserver',
  request: { commonName: 'kube-apiserver', names, usages: ['server'] },
});
const admin: NeededCertificate = {
  name: 'admin',
  request: { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] },
};
const read = (name: string): X509Certificate =>
  new X509Certificate(readFileSync(pkiFiles(directory).client(name).certificate));

test('an authority is made, and certificates that it signed', async () => {
  expect(await ensurePki(directory, [server('kubernetes', '10.96.0.1'), admin], now)).toBe(true);
  const ca = new X509Certificate(readFileSync(pkiFiles(directory).ca.certificate));
  expect(ca.ca).toBe(true);
  expect(read('apiserver').verify(ca.publicKey)).toBe(true);
  expect(read('apiserver').subjectAltName).toBe('DNS:kubernetes, IP Address:10.96.0.1');
  expect(read('admin').subject).toBe('O=system:masters\nCN=kubernetes-admin');
});

test('proxies that speak for users have an authority of their own, which a cluster gets without other changes', async () => {
  await ensurePki(directory, [admin], now);
  const before = read('admin').fingerprint;
  const proxy: NeededCertificate = {
    name: 'front-proxy-client',
    authority: 'front-proxy',
    request: { commonName: 'front-proxy-client', usages: ['client'] },
  };
  expect(await ensurePki(directory, [admin, proxy], now)).toBe(true);
  expect(read('admin').fingerprint).toBe(before);
  const { ca, frontProxyCa } = pkiFiles(directory);
  const keyOf = (path: string) => new X509Certificate(readFileSync(path)).publicKey;
  expect(read('front-proxy-client').verify(keyOf(frontProxyCa.certificate))).toBe(true);
  expect(read('front-proxy-client').verify(keyOf(ca.certificate))).toBe(false);
});

test('nobody but root may read keys', async () => {
  await ensurePki(directory, [admin], now);
  const files = pkiFiles(directory);
  for (const file of [files.ca.key, files.serviceAccountKey, files.client('admin').key]) {
    expect(statSync(file).mode & 0o077).toBe(0);
  }
});

test('what is still right is kept', async () => {
  await ensurePki(directory, [server('kubernetes'), admin], now);
  const before = [read('apiserver').fingerprint, read('admin').fingerprint];
  expect(await ensurePki(directory, [server('kubernetes'), admin], now + day)).toBe(false);
  expect([read('apiserver').fingerprint, read('admin').fingerprint]).toEqual(before);
});

test('a certificate is renewed when it lacks a name or ends within 90 days; the authority stays', async () => {
  await ensurePki(directory, [server('kubernetes'), admin], now);
  const ca = readFileSync(pkiFiles(directory).ca.certificate, 'utf8');
  const [old, kept] = [read('apiserver').fingerprint, read('admin').fingerprint];
  await ensurePki(directory, [server('kubernetes', '10.0.0.7'), admin], now);
  expect(read('apiserver').fingerprint).not.toBe(old);
  expect(read('admin').fingerprint).toBe(kept);
  await ensurePki(directory, [server('kubernetes', '10.0.0.7'), admin], now + 300 * day);
  expect(read('admin').fingerprint).not.toBe(kept);
  expect(readFileSync(pkiFiles(directory).ca.certificate, 'utf8')).toBe(ca);
});
