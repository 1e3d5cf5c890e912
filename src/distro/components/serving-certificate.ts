import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { messageOf } from '../../base/errors.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { writeSecret } from '../pki/cluster-pki.ts';
import { readFlagFile } from './common-flags.ts';

/** What the flags say about a component's serving certificate. */
export interface ServingCertificateFlags {
  readonly 'tls-cert-file': string | undefined;
  readonly 'tls-private-key-file': string | undefined;
  readonly 'cert-dir': string;
}

/** For whom a certificate is made when none is given. */
export interface OwnCertificate {
  /** Name of its files in `--cert-dir`. */
  readonly name: string;
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** Wall-clock milliseconds. */
  readonly now: number;
}

const renewBefore = 30 * 86_400_000;

/**
 * The serving certificate that flags name, or one of its own as upstream makes it: signed by an authority that is made
 * for it and forgotten, kept in `--cert-dir` and made anew a month before it expires. Throws UsageError.
 */
export async function servingCertificate(flags: ServingCertificateFlags, own: OwnCertificate): Promise<KeyPair> {
  const { 'tls-cert-file': certificate, 'tls-private-key-file': key } = flags;
  if (certificate !== undefined && key !== undefined) {
    return {
      certificate: readFlagFile(certificate, '--tls-cert-file'),
      key: readFlagFile(key, '--tls-private-key-file'),
    };
  }
  if (certificate !== undefined || key !== undefined)
    throw new UsageError('--tls-cert-file and --tls-private-key-file must be given together');
  const files = {
    certificate: join(flags['cert-dir'], `${own.name}.crt`),
    key: join(flags['cert-dir'], `${own.name}.key`),
  };
  const kept = keptCertificate(files, own);
  if (kept) return kept;
  const made = await makeCertificate(own);
  try {
    writeSecret(files.key, made.key);
    writeSecret(files.certificate, made.certificate);
  } catch (error) {
    throw new UsageError(`--cert-dir ${flags['cert-dir']} can't be written: ${messageOf(error)}`, { cause: error });
  }
  return made;
}

function keptCertificate(files: KeyPair, { names, now }: OwnCertificate): KeyPair | undefined {
  if (!existsSync(files.certificate) || !existsSync(files.key)) return undefined;
  const pair = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') };
  const { subjectAltName = '', validTo } = new X509Certificate(pair.certificate);
  const covered = subjectAltName.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  const current = Date.parse(validTo) - now > renewBefore && names.every((name) => covered.includes(name));
  return current ? pair : undefined;
}

async function makeCertificate({ names, now }: OwnCertificate): Promise<KeyPair> {
  // Only who makes certificates pays for loading what makes them.
  const { createAuthority, issueCertificate } = await import('../../machinery/x509/certificate-authority.ts');
  const authority = await createAuthority(`${hostname()}-ca`, now, 365);
  const leaf = await issueCertificate(authority, { commonName: hostname(), names, usages: ['server'], now, days: 365 });
  return { certificate: `${leaf.certificate}${authority.certificate}`, key: leaf.key };
}
