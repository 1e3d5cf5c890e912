/** Identity from headers that a trusted proxy sets. Source: apiserver's authentication/request/headerrequest. */
import { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '../../base/errors.ts';
import type { Authenticator, User } from '../ports.ts';

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

/** What is known of a certificate. */
interface Proxy {
  readonly isProxy: boolean;
  /** Also of an authority whose certificates stand for users. */
  readonly isClient: boolean;
  readonly name: string;
}

/**
 * Makes the authenticator; it must come before that of client certificates, since a proxy's own certificate stands for
 * nobody. `clientCa` is the PEM of the authorities of client certificates.
 */
export function createRequestHeaderAuthenticator(options: RequestHeaderOptions, clientCa: string): Authenticator {
  const proxyAuthorities = authoritiesOf(options.ca);
  const clientAuthorities = authoritiesOf(clientCa);
  const known = new WeakMap<Buffer, Proxy>();
  const proxyOf = (der: Buffer): Proxy => {
    let proxy = known.get(der);
    if (!proxy) {
      const certificate = new X509Certificate(der);
      proxy = {
        isProxy: isIssuedBy(certificate, proxyAuthorities),
        isClient: isIssuedBy(certificate, clientAuthorities),
        name: commonNameOf(certificate),
      };
      known.set(der, proxy);
    }
    return proxy;
  };
  return {
    authenticate({ headers, certificate }) {
      if (!certificate) return undefined;
      const proxy = proxyOf(certificate);
      const user = proxy.isProxy ? userOf(headers, options) : undefined;
      if (!user) {
        if (proxy.isClient || !proxy.isProxy) return undefined;
        throw new StatusError('Unauthorized', 'Unauthorized', { cause: "a proxy's certificate stands for no user" });
      }
      if (options.allowedNames.length === 0 || options.allowedNames.includes(proxy.name)) return user;
      const cause = `x509: subject with cn=${proxy.name} is not in the allowed list`;
      throw new StatusError('Unauthorized', 'Unauthorized', { cause });
    },
  };
}

function userOf(headers: IncomingHttpHeaders, options: RequestHeaderOptions): User | undefined {
  const name = firstOf(headers, options.usernameHeaders);
  if (name === undefined) return undefined;
  return {
    name,
    uid: firstOf(headers, options.uidHeaders),
    groups: options.groupHeaders.flatMap((header) => valuesOf(headers, header)),
    extra: extraOf(headers, options.extraHeaderPrefixes),
  };
}

function firstOf(headers: IncomingHttpHeaders, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers[name.toLowerCase()];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** Node joins the lines of a header that is no list by itself. */
function valuesOf(headers: IncomingHttpHeaders, name: string): readonly string[] {
  const value = headers[name.toLowerCase()];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : value.split(', ');
}

function extraOf(headers: IncomingHttpHeaders, prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const header of Object.keys(headers)) {
    const prefix = prefixes.find((one) => header.startsWith(one.toLowerCase()));
    if (prefix) extra[unescaped(header.slice(prefix.length))] = valuesOf(headers, header);
  }
  return extra;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
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
