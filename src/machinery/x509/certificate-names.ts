import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** The DNS names, mail addresses and URIs that a certificate is for. */
export interface CertificateNames {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uris: readonly string[];
}

/** What a certificate says in its subject alternative name. */
export function certificateNames({ raw }: Pick<X509Certificate, 'raw'>): CertificateNames {
  const extension = new x509.X509Certificate(raw).getExtension(x509.SubjectAlternativeNameExtension);
  const names = extension?.names.items ?? [];
  const of = (type: x509.GeneralNameType): readonly string[] =>
    names.filter((name) => name.type === type).map(({ value }) => value);
  return { dns: of('dns'), email: of('email'), uris: of('url') };
}
