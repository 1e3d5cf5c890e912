/** Identity from a client certificate that the TLS layer has verified: the common name and the organizations. */
import { X509Certificate } from 'node:crypto';
import { StatusError } from '../../base/errors.ts';
import type { Authenticator, User } from '../ports.ts';

const clientAuthUsage = '1.3.6.1.5.5.7.3.2';

/** Makes the authenticator. A connection's certificate is parsed once, as long as its Buffer is the same. */
export function createCertificateAuthenticator(): Authenticator {
  const users = new WeakMap<Buffer, User>();
  return {
    authenticate({ certificate }) {
      if (!certificate) return undefined;
      let user = users.get(certificate);
      if (!user) users.set(certificate, (user = userOfCertificate(certificate)));
      return user;
    },
  };
}

/** Who a certificate (DER) speaks for; Unauthorized when it is not meant for clients or names nobody. */
export function userOfCertificate(der: Buffer): User {
  const certificate = new X509Certificate(der);
  const usages = certificate.keyUsage as readonly string[] | undefined;
  if (usages && !usages.includes(clientAuthUsage)) {
    throw new StatusError('Unauthorized', 'Unauthorized', {
      cause: 'the certificate is not for client authentication',
    });
  }
  const { subject } = certificate.toLegacyObject() as unknown as { readonly subject: Subject };
  const [name] = valuesOf(subject.CN);
  if (!name) throw new StatusError('Unauthorized', 'Unauthorized', { cause: 'the certificate has no common name' });
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    name,
    groups: valuesOf(subject.O),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}

interface Subject {
  readonly CN?: string | readonly string[];
  readonly O?: string | readonly string[];
}

function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
