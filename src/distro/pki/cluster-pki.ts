import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CertificateRequest, KeyPair } from '../../x509/certificate-authority.ts';

/** The files of a cluster's certificates. */
export interface PkiFiles {
  readonly ca: FilePair;
  /** The authority of proxies that may say who asks; it signs nobody else. */
  readonly frontProxyCa: FilePair;
  readonly apiserver: FilePair;
  readonly apiserverKubeletClient: FilePair;
  readonly serviceAccountKey: string;
  client(name: string): FilePair;
}

/** Paths of a certificate and its key. */
export interface FilePair {
  readonly certificate: string;
  readonly key: string;
}

/** The paths under `directory`. */
export function pkiFiles(directory: string): PkiFiles {
  const pair = (name: string): FilePair => ({
    certificate: join(directory, `${name}.crt`),
    key: join(directory, `${name}.key`),
  });
  return {
    ca: pair('ca'),
    frontProxyCa: pair('front-proxy-ca'),
    apiserver: pair('apiserver'),
    apiserverKubeletClient: pair('apiserver-kubelet-client'),
    serviceAccountKey: join(directory, 'service-account.key'),
    client: pair,
  };
}

/** A certificate that a cluster needs: file name beside what it says. */
export interface NeededCertificate {
  readonly name: string;
  /** Who signs it. Default: the cluster's authority. */
  readonly authority?: 'front-proxy';
  readonly request: Omit<CertificateRequest, 'now' | 'days'>;
}

/** How long leaf certificates are valid. */
export const validityDays = 365;
const renewBeforeMs = 90 * 86_400_000;

/**
 * Makes what is missing of the authority, the token key and the certificates; renews what expires within 90 days or
 * no longer says what is needed. Returns whether anything was written.
 */
export async function ensurePki(
  directory: string,
  needed: readonly NeededCertificate[],
  now: number,
): Promise<boolean> {
  const files = pkiFiles(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const authorityOf = ({ authority }: NeededCertificate): FilePair =>
    authority === 'front-proxy' ? files.frontProxyCa : files.ca;
  // What a lost authority has signed is worth nothing.
  const missing = needed.filter(
    (certificate) =>
      !existsSync(authorityOf(certificate).key) || !isCurrent(files.client(certificate.name), certificate, now),
  );
  const isNew = await ensureAuthorities(directory, now);
  if (missing.length === 0) return isNew;
  const issuing = await import('../../x509/certificate-authority.ts');
  for (const certificate of missing) {
    const { name, request } = certificate;
    const authority = readPair(authorityOf(certificate));
    writePair(files.client(name), await issuing.issueCertificate(authority, { ...request, now, days: validityDays }));
  }
  return true;
}

/** Makes what is missing of the authorities and the token key. Returns whether anything was. */
export async function ensureAuthorities(directory: string, now: number): Promise<boolean> {
  const files = pkiFiles(directory);
  const authorities = ([files.ca, files.frontProxyCa] as const).filter(({ key }) => !existsSync(key));
  const hasKey = existsSync(files.serviceAccountKey);
  if (authorities.length === 0 && hasKey) return false;
  const issuing = await import('../../x509/certificate-authority.ts');
  for (const pair of authorities) {
    const name = pair === files.ca ? 'kubets-ca' : 'kubets-front-proxy-ca';
    writePair(pair, await issuing.createAuthority(name, now));
  }
  if (!hasKey) writeSecret(files.serviceAccountKey, await issuing.createSigningKey());
  return true;
}

/** Whether a certificate is there, says what is needed, and is valid for another 90 days. */
export function isCurrent(files: FilePair, needed: NeededCertificate, now: number): boolean {
  if (!existsSync(files.certificate) || !existsSync(files.key)) return false;
  const certificate = new X509Certificate(readFileSync(files.certificate));
  const names = new Set(
    (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, '')),
  );
  const covered = (needed.request.names ?? []).every((name) => names.has(name));
  return covered && Date.parse(certificate.validTo) - now > renewBeforeMs;
}

/** Reads a pair written by `ensurePki`. */
export function readPair(files: FilePair): KeyPair {
  return { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') };
}

function writePair(files: FilePair, pair: KeyPair): void {
  writeSecret(files.key, pair.key);
  writeSecret(files.certificate, pair.certificate);
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writeSecret(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
