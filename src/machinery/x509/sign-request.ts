import * as x509 from '@peculiar/x509';
import { certificateText, signCertificate } from './certificate-authority.ts';
import type { KeyPair } from './certificate-authority.ts';
import { alternativeNames } from './certificate-request.ts';
import type { ParsedRequest } from './certificate-request.ts';
import { keyUsagesOf } from './key-usages.ts';

/** What the certificate for a request is to be. */
export interface RequestPolicy {
  /** Names of certificates.k8s.io, such as `client auth`. */
  readonly usages: readonly string[];
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** Milliseconds of validity. */
  readonly lifetime: number;
}

/** Clocks of others may be behind. */
const backdate = 5 * 60_000;
/** Of shorter lifetimes, backdating would take more than a hundredth. */
const short = 8 * 3_600_000;
const kinds: readonly x509.GeneralNameType[] = ['dns', 'ip', 'email', 'url'];

/**
 * The certificate, PEM, that `authority` gives for a request: its subject, its names and its key, nothing else of it.
 * It never outlives the authority. Throws when the authority has expired. Source: kubernetes' PermissiveSigningPolicy.
 */
export async function signRequest(
  authority: KeyPair,
  { raw }: ParsedRequest,
  { usages, now, lifetime }: RequestPolicy,
): Promise<string> {
  const signerEnds = new x509.X509Certificate(authority.certificate).notAfter.getTime();
  if (now >= signerEnds)
    throw new Error(`refusing to sign a certificate: the signer has expired on ${new Date(signerEnds).toISOString()}`);
  const notAfter = Math.min(now + lifetime - (lifetime < short ? 0 : backdate), signerEnds);
  const names = alternativeNames(raw).filter(({ type }) => kinds.includes(type));
  const { flags, extended } = keyUsagesOf(usages);
  const signed = await signCertificate(authority, {
    subject: raw.subjectName,
    publicKey: raw.publicKey,
    notBefore: now - backdate,
    notAfter,
    extensions: [
      ...(flags === undefined ? [] : [new x509.KeyUsagesExtension(flags, true)]),
      ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...extended])]),
      ...(names.length === 0
        ? []
        : [new x509.SubjectAlternativeNameExtension(names.map(({ type, value }) => ({ type, value })))]),
    ],
  });
  return certificateText(signed);
}
