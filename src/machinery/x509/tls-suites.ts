/** What servers here accept of TLS. */
import type { TlsOptions } from 'node:tls';

/** The versions that there are, by the names that flags have for them; older ones are broken (RFC 8996). */
export const tlsVersions = { VersionTLS12: 'TLSv1.2', VersionTLS13: 'TLSv1.3' } as const;

/** A version as flags name it. */
export type TlsVersionName = keyof typeof tlsVersions;

/** Suites of TLS 1.2 that may be chosen, by the names of IANA, and as OpenSSL calls them: forward secret and authenticated. */
export const tlsSuites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
};

/** Suites of TLS 1.3, the quickest one first, as Go's servers have it; they can't be chosen, as in Go. */
const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** What of TLS is accepted; by default TLS 1.2 with every suite above, and TLS 1.3. */
export interface TlsLimits {
  readonly minVersion?: TlsVersionName | undefined;
  /** Names of `tlsSuites`; none means all. */
  readonly suites?: readonly string[] | undefined;
}

/** The same, as Node wants it. */
export function tlsServerOptions(limits: TlsLimits = {}): Required<Pick<TlsOptions, 'minVersion' | 'ciphers'>> {
  const { minVersion = 'VersionTLS12', suites = [] } = limits;
  const chosen = suites.length === 0 ? Object.values(tlsSuites) : suites.flatMap((name) => tlsSuites[name] ?? []);
  return { minVersion: tlsVersions[minVersion], ciphers: [...tls13, ...chosen].join(':') };
}
