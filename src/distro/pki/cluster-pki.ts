import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CertificateRequest, KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatesIn, signerOf } from './authority-bundle.ts';

/** The files of a cluster's certificates. */
export interface PkiFiles {
  readonly ca: FilePair;
  /** The authority of proxies that may say who asks; it signs nobody else. */
  readonly frontProxyCa: FilePair;
  /** While the authority is being replaced: the new one as the former vouches for it. Goes with what it has signed. */
  readonly crossSigned: string;
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
    crossSigned: join(directory, 'ca-cross.crt'),
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
/** Before their end certificates are renewed. */
export const renewBeforeMs = 90 * 86_400_000;

/**
 * Makes what is missing of the authority, the token key and the certificates; renews what expires within 90 days, no
 * longer says what is needed, or is not signed by the present authority. Returns whether anything was written.
 */
export async function ensurePki(
  directory: string,
  needed: readonly NeededCertificate[],
  now: number,
): Promise<boolean> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const isNew = await ensureAuthorities(directory, now);
  const due = needed.filter((certificate) => !isIssued(directory, certificate, now));
  await issue(directory, due, now);
  return isNew || due.length > 0;
}

/** Issues certificates, with new keys, whether or not they are due. The authorities must be there. */
export async function issue(directory: string, wanted: readonly NeededCertificate[], now: number): Promise<void> {
  if (wanted.length === 0) return;
  const issuing = await import('../../machinery/x509/certificate-authority.ts');
  const files = pkiFiles(directory);
  for (const certificate of wanted) {
    const { name, request } = certificate;
    const authority = signerOf(readPair(authorityFiles(files, certificate)));
    const made = await issuing.issueCertificate(authority, { ...request, now, days: validityDays });
    writePair(files.client(name), {
      key: made.key,
      certificate: `${made.certificate}${chainText(directory, certificate)}`,
    });
  }
}

function authorityFiles(files: PkiFiles, { authority }: NeededCertificate): FilePair {
  return authority === 'front-proxy' ? files.frontProxyCa : files.ca;
}

/** What stands behind a certificate in its file, for those who know only the former authority. */
export function chainText(directory: string, { authority }: Pick<NeededCertificate, 'authority'> = {}): string {
  const { crossSigned } = pkiFiles(directory);
  return authority === undefined && existsSync(crossSigned) ? readFileSync(crossSigned, 'utf8') : '';
}

/** Whether a certificate is current, and signed by the authority of today; what a lost one has signed is worth nothing. */
function isIssued(directory: string, needed: NeededCertificate, now: number): boolean {
  const files = pkiFiles(directory);
  const pair = files.client(needed.name);
  if (!isCurrent(pair, needed, now)) return false;
  const text = readFileSync(pair.certificate, 'utf8');
  const authority = new X509Certificate(readFileSync(authorityFiles(files, needed).certificate));
  const [, ...behind] = certificatesIn(text);
  return new X509Certificate(text).verify(authority.publicKey) && behind.join('') === chainText(directory, needed);
}

/** Makes what is missing of the authorities and the token key. Returns whether anything was. */
export async function ensureAuthorities(directory: string, now: number): Promise<boolean> {
  const files = pkiFiles(directory);
  const authorities = ([files.ca, files.frontProxyCa] as const).filter(({ key }) => !existsSync(key));
  const hasKey = existsSync(files.serviceAccountKey);
  if (authorities.length === 0 && hasKey) return false;
  const issuing = await import('../../machinery/x509/certificate-authority.ts');
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
