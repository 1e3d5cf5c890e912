/** What a signer may say that it has issued. Source: ValidatePodCertificateRequestStatusUpdate of kubernetes. */
import { X509Certificate } from 'node:crypto';
import { pemBlocks } from '../../api/certificates/pem-blocks.ts';
import type { PemBlock } from '../../api/certificates/pem-blocks.ts';
import type { PodCertificateRequestStatus } from '../../api/certificates/pod-certificate-request.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import type { CertificateNames } from '../../machinery/x509/certificate-names.ts';

/** What was issued, and what for. */
export interface Issuance {
  readonly status: PodCertificateRequestStatus;
  readonly maxExpirationSeconds: number;
  /** The key as it was stated, in one of two ways; base64. */
  readonly stubPKCS10Request?: string | undefined;
  readonly pkixPublicKey?: string | undefined;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

const chainPath = 'status.certificateChain';
const minute = 60_000;
const hour = 60 * minute;
/** A mail address without a display name, as those in certificates are. */
const address = /^[^\s@<>(),;:\\"]+@[^\s@<>(),;:\\"]+$/;

/** What is wrong with it; most things keep the rest from being looked at. */
export async function issuanceErrors(issuance: Issuance): Promise<FieldError[]> {
  // Loaded when something is issued: few servers see that.
  const { certificateNames } = await import('../../machinery/x509/certificate-names.ts');
  const { status } = issuance;
  const chain = status.certificateChain ?? '';
  const wrong = (detail: string): FieldError[] => [invalid(chainPath, chain, detail)];
  const [leaf, ...others] = pemBlocks(chain);
  if (!leaf) return wrong('issued certificate chain must contain at least one certificate');
  if (leaf.type !== 'CERTIFICATE') {
    return wrong('issued certificate chain must consist entirely of CERTIFICATE PEM blocks');
  }
  const certificate = certificateOf(leaf);
  if (!certificate) return wrong('leaf certificate does not parse as valid X.509');
  const names = nameErrors(certificateNames(certificate));
  if (!(await isForKey(certificate, issuance))) {
    return [...names, ...wrong('leaf certificate was not issued to the requested public key')];
  }
  const missing = [...names, ...missingTimes(status)];
  if (missing.length > 0) return missing;
  const wrongTimes = timeErrors(certificate, issuance);
  return wrongTimes.length > 0 ? wrongTimes : otherErrors(others, wrong);
}

function certificateOf({ content }: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(content);
  } catch {
    return undefined;
  }
}

async function isForKey(
  certificate: X509Certificate,
  { pkixPublicKey, stubPKCS10Request = '' }: Issuance,
): Promise<boolean> {
  const keys = await import('../../machinery/x509/subject-key.ts');
  const wanted = pkixPublicKey
    ? keys.publicKeyOf(Buffer.from(pkixPublicKey, 'base64'))
    : (await keys.requestKeyOf(Buffer.from(stubPKCS10Request, 'base64')))?.key;
  return wanted !== undefined && keys.isSameKey(wanted, certificate.publicKey);
}

function nameErrors({ dns, email }: CertificateNames): FieldError[] {
  return [
    ...dns.flatMap((name) => [
      ...(name === '' ? [invalid(chainPath, name, 'leaf certificate should not contain empty DNSName')] : []),
      ...(name.includes('..') ? [invalid(chainPath, name, "leaf certificate's DNSName should not contain '..'")] : []),
      ...(name.startsWith('.') || name.endsWith('.')
        ? [invalid(chainPath, name, "leaf certificate's DNSName should not start or end with '.'")]
        : []),
    ]),
    ...email.flatMap((value) =>
      address.test(value)
        ? []
        : [invalid(chainPath, value, 'leaf certificate should not contain invalid EmailAddress')],
    ),
  ];
}

function missingTimes({ notBefore, notAfter, beginRefreshAt }: PodCertificateRequestStatus): FieldError[] {
  const consistent = 'must be present and consistent with the issued certificate';
  return [
    ...(notBefore ? [] : [required('status.notBefore', consistent)]),
    ...(notAfter ? [] : [required('status.notAfter', consistent)]),
    ...(beginRefreshAt
      ? []
      : [required('status.beginRefreshAt', 'must be present and in the range [notbefore+10min, notafter-10min]')]),
  ];
}

function timeErrors(certificate: X509Certificate, { status, maxExpirationSeconds, now }: Issuance): FieldError[] {
  const wrong = (field: 'notBefore' | 'notAfter' | 'beginRefreshAt', detail: string): FieldError[] => [
    invalid(`status.${field}`, status[field], detail),
  ];
  const [from, to, refresh] = [status.notBefore, status.notAfter, status.beginRefreshAt].map((time) =>
    Date.parse(time ?? ''),
  ) as [number, number, number];
  if (from !== Date.parse(certificate.validFrom)) {
    return wrong('notBefore', 'must be set to the NotBefore time encoded in the leaf certificate');
  }
  if (Math.abs(from - now) >= 5 * minute) {
    return wrong('notBefore', "must be set to within 5 minutes of kube-apiserver's current time");
  }
  if (to !== Date.parse(certificate.validTo)) {
    return wrong('notAfter', 'must be set to the NotAfter time encoded in the leaf certificate');
  }
  const lifetime = to - from;
  // Go shows durations in nanoseconds.
  const tooShort = (detail: string): FieldError[] => [invalid(chainPath, lifetime * 1_000_000, detail)];
  if (lifetime < hour) return tooShort('leaf certificate lifetime must be >= 1 hour');
  if (lifetime > maxExpirationSeconds * 1000) {
    return tooShort(`leaf certificate lifetime must be <= spec.maxExpirationSeconds (${maxExpirationSeconds})`);
  }
  if (refresh < from + 10 * minute)
    return wrong('beginRefreshAt', 'must be at least 10 minutes after status.notBefore');
  return refresh > to - 10 * minute
    ? wrong('beginRefreshAt', 'must be at least 10 minutes before status.notAfter')
    : [];
}

function otherErrors(others: readonly PemBlock[], wrong: (detail: string) => FieldError[]): FieldError[] {
  for (const block of others) {
    // The misspelling is upstream's.
    if (block.type !== 'CERTIFICATE')
      return wrong('issued certificate chain must consist entirely of CERTFICATE PEM blocks');
    if (!certificateOf(block)) return wrong('intermediate certificate does not parse as valid X.509');
  }
  return [];
}
