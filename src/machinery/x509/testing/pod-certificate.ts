/** What signers of pods' certificates do, for tests. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from '../certificate-authority.ts';
import { certificateText, signCertificate } from '../certificate-authority.ts';

x509.cryptoProvider.set(webcrypto);

/** What a certificate is to say. */
export interface SignedTerms {
  /** Wall-clock milliseconds, in whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly dns?: readonly string[];
  readonly email?: readonly string[];
  readonly uris?: readonly string[];
}

/** The certificate, PEM, for the key of a request, DER. */
export async function certifyRequest(
  authority: KeyPair,
  request: Uint8Array,
  { notBefore, notAfter, dns = [], email = [], uris = [] }: SignedTerms,
): Promise<string> {
  const { publicKey } = new x509.Pkcs10CertificateRequest(Buffer.from(request));
  const names = [
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...email.map((value) => ({ type: 'email' as const, value })),
    ...uris.map((value) => ({ type: 'url' as const, value })),
  ];
  const extensions = names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [];
  const certificate = await signCertificate(authority, { subject: [], publicKey, notBefore, notAfter, extensions });
  return certificateText(certificate);
}
