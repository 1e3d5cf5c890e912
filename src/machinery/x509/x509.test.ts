import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from './certificate-authority.ts';
import type { KeyPair } from './certificate-authority.ts';
import { certificatePeriod, isPair } from './certificate-period.ts';
import { createCertificateRequest, parseCertificateRequest } from './certificate-request.ts';
import { keyUsagesOf } from './key-usages.ts';
import { signRequest } from './sign-request.ts';

const now = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const usages = ['digital signature', 'client auth'];
let authority: KeyPair;
beforeAll(async () => void (authority = await createAuthority('ca', now, 10)));

const signed = async (request: string, lifetime: number, by = authority): Promise<X509Certificate> =>
  new X509Certificate(await signRequest(by, await parseCertificateRequest(request), { usages, now, lifetime }));

describe('certificates for requests', () => {
  test('have the subject, the names and the key of the request, and the usages that were agreed upon', async () => {
    const { request, key } = await createCertificateRequest({
      commonName: 'a',
      organizations: ['x', 'y'],
      names: ['a.example', '10.0.0.1', 'fd00::1'],
    });
    const certificate = await signed(request, 24 * hour);
    expect(certificate.subject).toBe('O=x\nO=y\nCN=a');
    expect(certificate.subjectAltName).toBe('DNS:a.example, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1');
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(createPublicKey(authority.certificate))).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(isPair({ certificate: certificate.toString(), key })).toBe(true);
    expect(isPair({ certificate: authority.certificate, key })).toBe(false);
  });

  test.each([
    ['a day', 24 * hour, 24 * hour - 300_000],
    ['an hour, whose end is not put back', hour, hour],
    ['longer than the authority lives', 20 * 24 * hour, 10 * 24 * hour],
  ])('last %s', async (_, lifetime, ends) => {
    const { request } = await createCertificateRequest({ commonName: 'a' });
    const { notBefore, notAfter } = certificatePeriod((await signed(request, lifetime)).toString());
    expect([notBefore - now, notAfter - now]).toEqual([-300_000, ends]);
  });

  test('are not given by an authority that has expired', async () => {
    const old = await createAuthority('old', now - 24 * hour, 1);
    const { request } = await createCertificateRequest({ commonName: 'a' });
    await expect(signed(request, hour, old)).rejects.toThrow(/the signer has expired on 2026-01-01/);
  });

  test.each(['pkcs1', 'pkcs8'] as const)('are signed by an RSA key in %s as by any other', async (type) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type, format: 'pem' }).toString();
    const { request } = await createCertificateRequest({ commonName: 'a' });
    const certificate = await signed(request, hour, { ...authority, key });
    expect(certificate.verify(createPublicKey(privateKey))).toBe(true);
  });
});

test('what is no request is told apart', async () => {
  await expect(parseCertificateRequest('hello')).rejects.toThrow('PEM block type must be CERTIFICATE REQUEST');
  await expect(parseCertificateRequest(authority.certificate)).rejects.toThrow('PEM block type must be');
});

test('a request that was changed after it was signed is refused', async () => {
  const { request } = await createCertificateRequest({ commonName: 'system:node:a' });
  const body = request.split('\n').slice(1, -2).join('');
  const changed = Buffer.from(body, 'base64');
  changed.write('b', changed.indexOf('system:node:a') + 'system:node:'.length);
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${changed.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  await expect(parseCertificateRequest(forged)).rejects.toThrow('signature does not match');
});

test('usages are bits and identifiers, each once; an unknown one is an error', () => {
  expect(keyUsagesOf(['signing', 'digital signature', 'key encipherment', 's/mime', 'email protection'])).toEqual({
    flags: 5,
    extended: ['1.3.6.1.5.5.7.3.4'],
  });
  expect(keyUsagesOf(['any'])).toEqual({ flags: undefined, extended: ['2.5.29.37.0'] });
  expect(() => keyUsagesOf(['fishing', 'any'])).toThrow('unrecognized usage values: ["fishing"]');
});
