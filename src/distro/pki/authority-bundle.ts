import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';

/** The certificates in a text, each PEM, in their order. */
export function certificatesIn(text: string): readonly string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block}\n`);
}

/**
 * The authority that signs, of a bundle in which those that are only believed follow it. Throws when the key is not that of
 * the first certificate.
 */
export function signerOf({ certificate: bundle, key }: KeyPair): KeyPair {
  const [certificate = ''] = certificatesIn(bundle);
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
    throw new Error('the key of the authority does not belong to its certificate');
  return { certificate, key };
}
