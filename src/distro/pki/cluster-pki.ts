import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CertificateRequest, KeyPair } from './certificate-authority.ts';

/** The files of a cluster's certificates. */
export interface PkiFiles {
  readonly ca: FilePair;
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
    apiserver: pair('apiserver'),
    apiserverKubeletClient: pair('apiserver-kubelet-client'),
    serviceAccountKey: join(directory, 'service-account.key'),
    client: pair,
  };
}

/** A certificate that a cluster needs: file name beside what it says. */
export interface NeededCertificate {
  readonly name: string;
  readonly request: Omit<CertificateRequest, 'now' | 'days'>;
}

const validityDays = 365;
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
  const missing = needed.filter((certificate) => !isCurrent(files.client(certificate.name), certificate, now));
  const complete = existsSync(files.ca.key) && existsSync(files.serviceAccountKey);
  if (complete && missing.length === 0) return false;
  const issuing = await import('./certificate-authority.ts');
  if (!existsSync(files.ca.key)) writePair(files.ca, await issuing.createAuthority('kubets-ca', now));
  if (!existsSync(files.serviceAccountKey)) writeSecret(files.serviceAccountKey, await issuing.createSigningKey());
  const authority = readPair(files.ca);
  for (const { name, request } of complete ? missing : needed) {
    writePair(files.client(name), await issuing.issueCertificate(authority, { ...request, now, days: validityDays }));
  }
  return true;
}

function isCurrent(files: FilePair, needed: NeededCertificate, now: number): boolean {
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
