import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is for. */
export interface CertificateRequest {
  readonly commonName: string;
  /** The groups of a client. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses of a server. */
  readonly names?: readonly string[];
  readonly usages: readonly ('client' | 'server')[];
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** Days of validity. */
  readonly days: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const usageOids = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth } as const;
const day = 86_400_000;

x509.cryptoProvider.set(webcrypto);

/** Makes a self-signed authority. `days`: validity. */
export async function createAuthority(commonName: string, now: number, days = 3650): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: nameOf(commonName, []),
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + days * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pem(certificate, keys);
}

/** Issues a leaf certificate signed by `authority`, with a new key. */
export async function issueCertificate(authority: KeyPair, request: CertificateRequest): Promise<KeyPair> {
  const keys = await generateKeys();
  return pem(await issue(authority, request, keys.publicKey), keys);
}

/** The certificate, PEM, for the P-256 key of somebody else: `publicKey` is its SubjectPublicKeyInfo, DER. */
export async function certifyKey(
  authority: KeyPair,
  request: CertificateRequest,
  publicKey: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const key = await webcrypto.subtle.importKey('spki', publicKey, algorithm, true, ['verify']);
  return certificateText(await issue(authority, request, key));
}

async function issue(
  authority: KeyPair,
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
): Promise<x509.X509Certificate> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = (request.names ?? []).map((value) => ({
    type: isAddress(value) ? ('ip' as const) : ('dns' as const),
    value,
  }));
  return x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subject,
    subject: nameOf(request.commonName, request.organizations ?? []),
    notBefore: new Date(request.now - 3_600_000),
    notAfter: new Date(request.now + request.days * day),
    signingAlgorithm: algorithm,
    signingKey: await importKey(authority.key),
    publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => usageOids[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
}

/** A P-256 private key for signing tokens, PEM. */
export async function createSigningKey(): Promise<string> {
  return exportKey(await generateKeys());
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function serialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('hex');
}

function nameOf(commonName: string, organizations: readonly string[]): x509.JsonName {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(':');
}

async function pem(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  return { certificate: certificateText(certificate), key: await exportKey(keys) };
}

function certificateText(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
}

async function importKey(key: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(key), algorithm, false, ['sign']);
}
