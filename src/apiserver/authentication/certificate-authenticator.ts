/** Identity from a client certificate that the TLS layer has verified. Source: apiserver's request/x509. */
import { X509Certificate } from 'node:crypto';
import { StatusError } from '../../base/errors.ts';
import type { Distribution } from '../../base/metrics/distribution.ts';
import type { Authenticator, User } from '../ports.ts';

const clientAuthUsage = '1.3.6.1.5.5.7.3.2';
/** Of the subject's UID. Source: apiserver's asn1.X509UID. */
const uidType = '1.3.6.1.4.1.57683.2';

/** Options of `createCertificateAuthenticator`. */
export interface CertificateOptions {
  /** Whether a certificate, in DER, may stand for a user at all. Default: all that TLS accepted. */
  readonly isClient?: ((certificate: Buffer) => boolean) | undefined;
  /** Wall-clock milliseconds; connections may outlive their certificates. Default: that is not checked. */
  readonly now?: (() => number) | undefined;
  /** Told with every request how many seconds its certificate is still valid. */
  readonly expirations?: Distribution | undefined;
}

interface Known {
  readonly user: User | undefined;
  /** Epoch milliseconds. */
  readonly expires: number;
}

/** Makes the authenticator. A connection's certificate is parsed once, as long as its Buffer is the same. */
export function createCertificateAuthenticator({ isClient, now, expirations }: CertificateOptions = {}): Authenticator {
  const known = new WeakMap<Buffer, Known>();
  return {
    authenticate({ certificate }) {
      if (!certificate) return undefined;
      let found = known.get(certificate);
      if (!found) {
        const user = isClient && !isClient(certificate) ? undefined : userOfCertificate(certificate);
        const expires = Date.parse(new X509Certificate(certificate).validTo);
        known.set(certificate, (found = { user, expires }));
      }
      const remaining = now ? found.expires - now() : 0;
      expirations?.observe(remaining / 1000);
      if (remaining < 0) throw refused('x509: certificate has expired or is not yet valid');
      return found.user;
    },
  };
}

/**
 * Who a certificate (DER) speaks for: its common name, organizations and UID. Undefined when it names nobody; Unauthorized
 * when it is not meant for clients, or its UID is malformed.
 */
export function userOfCertificate(der: Buffer): User | undefined {
  const certificate = new X509Certificate(der);
  const usages = certificate.keyUsage as readonly string[] | undefined;
  if (usages && !usages.includes(clientAuthUsage)) {
    throw refused('x509: certificate specifies an incompatible key usage');
  }
  const { subject } = certificate.toLegacyObject() as unknown as { readonly subject: Subject };
  const name = valuesOf(subject['CN']).at(-1);
  if (!name) return undefined;
  const uid = uidOf(subject);
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    name,
    ...(uid === undefined ? {} : { uid }),
    groups: valuesOf(subject['O']),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}

type Subject = Readonly<Record<string, string | readonly string[] | undefined>>;

function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** At most one, and it says something. */
function uidOf(subject: Subject): string | undefined {
  const uids = valuesOf(subject[uidType]);
  if (uids.length > 1) throw refused(`expected 1 UID, but found multiple: [${uids.join(' ')}]`);
  if (uids[0] === '') throw refused('UID cannot be an empty string');
  return uids[0];
}

function refused(cause: string): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized', { cause });
}
