/** Flags of how an HTTPS port is served, and what they come to. */
import { tlsSuites, tlsVersions } from '../../machinery/x509/tls-suites.ts';
import type { TlsLimits, TlsVersionName } from '../../machinery/x509/tls-suites.ts';
import { UsageError } from '../config/cluster-config.ts';
import { choice, integer, texts } from './flag.ts';

/** The flags of the API server's port. */
export const servingFlags = {
  'tls-min-version': choice(Object.keys(tlsVersions) as TlsVersionName[], 'older versions are broken')(
    'the lowest version of TLS',
    'VersionTLS12',
  ),
  'tls-cipher-suites': texts(
    'suites of TLS 1.2 that may be used; by default all that are forward secret and authenticated',
  ),
  'http2-max-streams-per-connection': integer(0, 100_000)(
    'requests at a time that one connection may have; 0 means the usual number',
    0,
  ),
  'strict-transport-security-directives': texts(
    'directives of the header Strict-Transport-Security: max-age=expireTime, includeSubDomains, preload',
  ),
};

interface ServingFlagValues {
  readonly 'tls-min-version': TlsVersionName;
  readonly 'tls-cipher-suites': readonly string[];
  readonly 'http2-max-streams-per-connection': number;
  readonly 'strict-transport-security-directives': readonly string[];
}

/** What the flags say of TLS. Throws UsageError for suites that there are not. */
export function tlsLimits(flags: ServingFlagValues): TlsLimits {
  const suites = flags['tls-cipher-suites'];
  const unknown = suites.find((name) => !Object.hasOwn(tlsSuites, name));
  if (unknown !== undefined) {
    const known = Object.keys(tlsSuites).join(', ');
    throw new UsageError(`--tls-cipher-suites knows ${known}, not ${JSON.stringify(unknown)}`);
  }
  return { minVersion: flags['tls-min-version'], suites };
}

/** What the flags say of connections. */
export function connectionLimits(flags: ServingFlagValues): { readonly streams?: number } {
  const streams = flags['http2-max-streams-per-connection'];
  return streams === 0 ? {} : { streams };
}

/** Headers of every answer that the flags ask for. Throws UsageError, worded as upstream's, for what is no directive. */
export function standingHeaders(flags: ServingFlagValues): Readonly<Record<string, string>> {
  const directives = flags['strict-transport-security-directives'];
  const wrong = directives.find((text) => !/^(max-age=\d+|includeSubDomains|preload)$/.test(text));
  if (wrong !== undefined)
    throw new UsageError(
      `--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload; not ${JSON.stringify(wrong)}`,
    );
  return directives.length === 0 ? {} : { 'strict-transport-security': directives.join(';') };
}
