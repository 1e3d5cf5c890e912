/** What certificate requests and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  CertificateSigningRequest: { '': 'Asks for a certificate, which somebody approves and somebody signs.' },
  CertificateSigningRequestSpec: {
    '': 'What is asked for, and by whom; can not be changed.',
    request: 'The request, PEM.',
    signerName: 'Who is to sign: `example.com/signer`.',
    expirationSeconds: 'How long the certificate should be valid, in seconds.',
    usages: 'What the key may be used for.',
    username: 'Who asked; filled in by the server.',
    uid: 'UID of who asked.',
    groups: 'Groups of who asked.',
    extra: 'More about who asked.',
  },
  CertificateSigningRequestStatus: {
    '': 'What became of a request.',
    conditions: 'Approved, Denied or Failed.',
    certificate: 'The certificate, PEM.',
  },
  ClusterTrustBundle: {
    '': 'Root certificates that any pod can be given by a projected volume. Everybody in the cluster may read them.',
  },
  ClusterTrustBundleSpec: {
    '': 'Which certificates are trusted, and whose they are.',
    signerName:
      'The signer whose roots these are, if any; can not be changed. Objects of a signer are named after it, with colons for slashes: `example.com:signer:name`. Setting it takes the right to `attest` for the signer.',
    trustBundle: 'One or more certificates of authorities, PEM, without headers and none twice.',
  },
};
