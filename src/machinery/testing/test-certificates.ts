/** A certificate authority for tests. */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const notBefore = new Date('2020-01-01T00:00:00Z');
const notAfter = new Date('2049-01-01T00:00:00Z');

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates. */
export interface TestAuthority {
  readonly cert: string;
  /** For a client; `groups` become organizations. */
  client(name: string, groups?: readonly string[]): Promise<TestCertificate>;
  /** For a server on loopback, which may have further names and addresses. */
  server(names?: readonly string[]): Promise<TestCertificate>;
}

/** Makes an authority. */
export async function testAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(globalThis.crypto);
  const keys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=test-ca',
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  let serial = 1;
  const issue = async (subject: x509.JsonName, extensions: x509.Extension[]): Promise<TestCertificate> => {
    const leaf = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++serial).toString(16).padStart(4, '0'),
      subject: new x509.Name(subject).toString(),
      issuer: ca.subject,
      notBefore,
      notAfter,
      publicKey: leaf.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions,
    });
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', leaf.privateKey);
    return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
  };
  return {
    cert: ca.toString('pem'),
    client: (name, groups = []) =>
      issue(
        [{ CN: [name] }, ...groups.map((group) => ({ O: [group] }))],
        [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      ),
    server: (names = []) =>
      issue(
        [{ CN: ['server'] }],
        [
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: 'localhost' },
            { type: 'ip', value: '127.0.0.1' },
            ...names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
          ]),
        ],
      ),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
