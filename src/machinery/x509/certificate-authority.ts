import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
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

/** How keys of our own sign. */
export const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const usageOids = { client: x509.ExtendedKeyUsage.clientAuth, server: x509.ExtendedKeyUsage.serverAuth } as const;
const day = 86_400_000;

x509.cryptoProvider.set(webcrypto);

/** Makes a self-signed authority. `days`: validity. */
export async function createAuthority(commonName: string, now: number, days = 3650): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subjectOf(commonName, []),
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + days * day),
    signingAlgorithm,
    keys,
    extensions: await authorityExtensions(keys.publicKey),
  });
  return pem(certificate, keys);
}

async function authorityExtensions(key: x509.PublicKey | webcrypto.CryptoKey): Promise<x509.Extension[]> {
  const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags;
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign | digitalSignature, true),
    await x509.SubjectKeyIdentifierExtension.create(key),
  ];
}

/**
 * The certificate, PEM, of a new authority as an older one vouches for it: whoever trusts only the older believes what the
 * newer has signed, when it is shown this one as well. It ends with the older authority.
 */
export async function crossSign(older: KeyPair, newer: KeyPair): Promise<string> {
  const issuer = new x509.X509Certificate(older.certificate);
  const subject = new x509.X509Certificate(newer.certificate);
  const { key, algorithm } = await authorityKey(older.key);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subjectName,
    subject: subject.subjectName,
    notBefore: subject.notBefore,
    notAfter: new Date(Math.min(issuer.notAfter.getTime(), subject.notAfter.getTime())),
    signingAlgorithm: algorithm,
    signingKey: key,
    publicKey: subject.publicKey,
    extensions: [...(await authorityExtensions(subject.publicKey)), await signerExtension(issuer)],
  });
  return certificateText(certificate);
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
  const key = await webcrypto.subtle.importKey('spki', publicKey, signingAlgorithm, true, ['verify']);
  return certificateText(await issue(authority, request, key));
}

function issue(
  authority: KeyPair,
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
): Promise<x509.X509Certificate> {
  return signCertificate(authority, {
    subject: subjectOf(request.commonName, request.organizations ?? []),
    publicKey,
    notBefore: request.now - 3_600_000,
    notAfter: request.now + request.days * day,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => usageOids[usage])),
      ...namesExtension(request.names ?? []),
    ],
  });
}

/** What a leaf certificate says, whoever asks for it. */
export interface LeafCertificate {
  readonly subject: x509.Name | x509.JsonName;
  readonly publicKey: x509.PublicKey | webcrypto.CryptoKey;
  /** Wall-clock milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Besides those that say that it is no authority, and who signed it. */
  readonly extensions: readonly x509.Extension[];
}

/** Signs a leaf certificate with the authority's key, which is RSA, EC or Ed25519. */
export async function signCertificate(authority: KeyPair, leaf: LeafCertificate): Promise<x509.X509Certificate> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const { key, algorithm } = await authorityKey(authority.key);
  return x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subjectName,
    subject: leaf.subject instanceof x509.Name ? leaf.subject : new x509.Name(leaf.subject),
    notBefore: new Date(leaf.notBefore),
    notAfter: new Date(leaf.notAfter),
    signingAlgorithm: algorithm,
    signingKey: key,
    publicKey: leaf.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      await signerExtension(issuer),
      ...leaf.extensions,
    ],
  });
}

/** Names the signer's key as the signer does itself. */
async function signerExtension(issuer: x509.X509Certificate): Promise<x509.Extension> {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own
    ? new x509.AuthorityKeyIdentifierExtension(own.keyId)
    : x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey);
}

/** A P-256 private key for signing tokens, PEM. */
export async function createSigningKey(): Promise<string> {
  return keyText(await generateKeys());
}

/** A new P-256 key. */
export function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
}

function serialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('hex');
}

/** A subject: organizations, then the common name. */
export function subjectOf(commonName: string, organizations: readonly string[]): x509.JsonName {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

/** The extension with a server's DNS names and addresses; none where there are none. */
export function namesExtension(names: readonly string[]): x509.Extension[] {
  if (names.length === 0) return [];
  const typed = names.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value }));
  return [new x509.SubjectAlternativeNameExtension(typed)];
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(':');
}

async function pem(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  return { certificate: certificateText(certificate), key: await keyText(keys) };
}

/** A certificate as PEM. */
export function certificateText(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

/** A private key as PEM. */
export async function keyText(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
}

interface AuthorityKey {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: ReturnType<typeof algorithmOf>;
}

async function authorityKey(text: string): Promise<AuthorityKey> {
  // By Node's parser: authorities that others made have keys in their own formats, such as PKCS #1.
  const parsed = createPrivateKey(text);
  const algorithm = algorithmOf(parsed);
  const pkcs8 = parsed.export({ type: 'pkcs8', format: 'der' });
  return { key: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']), algorithm };
}

/** How a key signs, as Go's crypto/x509 does by default. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519', hash: '' };
  switch (asymmetricKeyType === 'ec' ? asymmetricKeyDetails?.namedCurve : undefined) {
    case 'prime256v1':
      return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    case 'secp384r1':
      return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
    case 'secp521r1':
      return { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' };
    default:
      throw new Error(`an authority's key must be RSA, ECDSA or Ed25519, not ${asymmetricKeyType}`);
  }
}
