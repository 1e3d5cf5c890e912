import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { createAuthority, issueCertificate } from './certificate-authority.ts';
import { readCertificate } from './certificate-structure.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const authority = await createAuthority('root', now);
const root = new X509Certificate(authority.certificate).raw;
const leaf = new X509Certificate(
  (await issueCertificate(authority, { commonName: 'leaf', usages: ['client'], now, days: 1 })).certificate,
).raw;

test('authorities are told from others', () => {
  expect(readCertificate(root)).toEqual({ isAuthority: true });
  expect(readCertificate(leaf)).toEqual({ isAuthority: false });
});

test('of the authorities that the world trusts, each is read as Node reads it', () => {
  expect(rootCertificates.length).toBeGreaterThan(50);
  for (const pem of rootCertificates) {
    const { raw, ca, subject } = new X509Certificate(pem);
    expect([subject, readCertificate(raw)]).toEqual([subject, { isAuthority: ca }]);
  }
});

test('what is cut off, longer, or something else is no certificate', () => {
  for (let length = 0; length < root.length; length++)
    expect(readCertificate(root.subarray(0, length))).toBeUndefined();
  expect(readCertificate(Buffer.concat([root, new Uint8Array(1)]))).toBeUndefined();
  expect(readCertificate(Buffer.concat([root, root]))).toBeUndefined();
  expect(readCertificate(new Uint8Array([0x30, 0x80, 0, 0]))).toBeUndefined();
});

test('whatever bytes are changed, reading ends, and what it takes for an authority is one', () => {
  const random = seededRandom(5);
  let accepted = 0;
  for (let i = 0; i < 2000; i++) {
    const der = new Uint8Array(leaf);
    der[Math.floor(random.next() * der.length)] = Math.floor(random.next() * 256);
    const read = readCertificate(der);
    if (read) accepted++;
    if (read?.isAuthority) expect(new X509Certificate(der).ca).toBe(true);
  }
  expect(accepted).toBeGreaterThan(100);
});
