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
  PodCertificateRequest: {
    '': 'Asks a signer for a certificate for a pod. Kubelets make these for projected volumes.',
  },
  PodCertificateRequestSpec: {
    '': 'Whose certificate, of which key; can not be changed.',
    signerName: 'Who is to sign: `example.com/signer`.',
    podName: 'The pod that gets the certificate.',
    podUID: 'UID of the pod.',
    serviceAccountName: 'The account that the pod runs as.',
    serviceAccountUID: 'UID of the account.',
    nodeName: 'The node that the pod runs on.',
    nodeUID: 'UID of the node.',
    maxExpirationSeconds:
      'How long the certificate may be valid at most, in seconds: at least 3600, at most 7862400, and 86400 for signers of `kubernetes.io`.',
    stubPKCS10Request:
      'A PKCS#10 request, DER, which is signed by the key and else empty. Keys are RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519.',
    pkixPublicKey: 'Deprecated: use `stubPKCS10Request`. The key, as SubjectPublicKeyInfo.',
    proofOfPossession: "Deprecated: use `stubPKCS10Request`. A signature of the pod's UID by the key.",
    unverifiedUserAnnotations: 'What the pod tells the signer; nobody has checked it. Keys have a domain.',
  },
  PodCertificateRequestStatus: {
    '': 'What became of a request.',
    conditions: 'Issued, Denied or Failed: at most one of them. Nothing changes afterwards.',
    certificateChain: 'The certificate and those of intermediate authorities, PEM.',
    notBefore: 'When the certificate begins to be valid, as it says itself.',
    beginRefreshAt: 'When the kubelet should begin to ask for the next one.',
    notAfter: 'When the certificate ends, as it says itself.',
  },
};
