/** Identity from headers that a trusted proxy sets. Source: apiserver's authentication/request/headerrequest. */
import { X509Certificate } from 'node:crypto';
import { StatusError } from '../../base/errors.ts';
import type { Authenticator, User } from '../ports.ts';
import { createCertificateAuthenticator } from './certificate-authenticator.ts';
import type { CertificateOptions } from './certificate-authenticator.ts';
import { firstLine, headerLines, unescapedKey } from './header-lines.ts';
import type { HeaderSource } from './header-lines.ts';

/** Which proxies are believed, and where they say who asks. */
export interface RequestHeaderOptions {
  /** PEM of the authorities of the proxies' certificates. */
  readonly ca: string;
  /** Common names that proxies may have; none means any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** The names of the headers that everybody uses. */
export const usualRequestHeaders: Omit<RequestHeaderOptions, 'ca' | 'allowedNames'> = {
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: ['X-Remote-Extra-'],
};

/** Whose certificate it is. */
export interface CertificateOrigin {
  readonly isProxy: boolean;
  /** Of an authority whose certificates stand for users. */
  readonly isClient: boolean;
  readonly name: string;
}

/**
 * The authenticators of certificates, in their order: proxies that say who asks, if there may be any, then clients.
 * `clientCa` is the PEM of the authorities of client certificates.
 */
export function certificateAuthenticators(
  requestHeader: RequestHeaderOptions | undefined,
  clientCa: string,
  { now, expirations }: Pick<CertificateOptions, 'expirations'> & { readonly now: () => number },
): readonly Authenticator[] {
  if (!requestHeader) return [createCertificateAuthenticator({ now, expirations })];
  const originOf = certificateOrigins(requestHeader.ca, clientCa);
  const isClient = (certificate: Buffer): boolean => {
    const origin = originOf(certificate);
    return origin.isClient || !origin.isProxy;
  };
  return [
    createRequestHeaderAuthenticator(requestHeader, clientCa),
    createCertificateAuthenticator({ isClient, now, expirations }),
  ];
}

/** Tells proxies' certificates from clients': both are presented to the same port, and TLS accepts both. */
export function certificateOrigins(proxyCa: string, clientCa: string): (certificate: Buffer) => CertificateOrigin {
  const proxyAuthorities = authoritiesOf(proxyCa);
  const clientAuthorities = authoritiesOf(clientCa);
  const known = new WeakMap<Buffer, CertificateOrigin>();
  return (der) => {
    let origin = known.get(der);
    if (!origin) {
      const certificate = new X509Certificate(der);
      origin = {
        isProxy: isIssuedBy(certificate, proxyAuthorities),
        isClient: isIssuedBy(certificate, clientAuthorities),
        name: commonNameOf(certificate),
      };
      known.set(der, origin);
    }
    return origin;
  };
}

/**
 * Makes the authenticator; it must come before that of client certificates. A proxy that names no user stands for nobody,
 * unless its certificate is a client's as well. `clientCa` is the PEM of the authorities of client certificates.
 */
export function createRequestHeaderAuthenticator(options: RequestHeaderOptions, clientCa: string): Authenticator {
  const originOf = certificateOrigins(options.ca, clientCa);
  return {
    authenticate(credentials) {
      const { certificate } = credentials;
      if (!certificate) return undefined;
      const { isProxy, isClient, name } = originOf(certificate);
      const user = isProxy ? userOf(credentials, options) : undefined;
      if (!user) {
        if (isClient || !isProxy) return undefined;
        throw refused("a proxy's certificate stands for no user");
      }
      if (options.allowedNames.length === 0 || options.allowedNames.includes(name)) return user;
      throw refused(`x509: subject with cn=${name} is not in the allowed list`);
    },
  };
}

function refused(cause: string): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized', { cause });
}

function userOf(source: HeaderSource, options: RequestHeaderOptions): User | undefined {
  const name = firstOf(source, options.usernameHeaders);
  if (name === undefined) return undefined;
  return {
    name,
    uid: firstOf(source, options.uidHeaders),
    groups: options.groupHeaders.flatMap((header) => headerLines(source, header.toLowerCase())),
    extra: extraOf(source, options.extraHeaderPrefixes),
  };
}

function firstOf(source: HeaderSource, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = firstLine(source, name.toLowerCase());
    if (value !== '') return value;
  }
  return undefined;
}

function extraOf(source: HeaderSource, prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(source.headers)) {
    const prefix = prefixes.find((one) => header.startsWith(one.toLowerCase()));
    if (prefix) extra[unescapedKey(header.slice(prefix.length))] = headerLines(source, header);
  }
  return extra;
}

function authoritiesOf(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** The chain itself was verified by TLS; this tells whose it is. */
function isIssuedBy(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}

function commonNameOf(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '';
}
