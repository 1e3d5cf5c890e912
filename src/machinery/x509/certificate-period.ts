import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyPair } from './certificate-authority.ts';

/** When a certificate is valid, in wall-clock milliseconds. */
export interface CertificatePeriod {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** When the first certificate of a PEM text is valid. Throws when it has none. */
export function certificatePeriod(pem: string): CertificatePeriod {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
}

/** Whether the key is the certificate's, and neither is unreadable. */
export function isPair({ certificate, key }: KeyPair): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
