/** What went wrong on the way to a registry, in words for an operator. */
export interface RegistryTrouble {
  /** The address that was asked, such as `127.0.0.1:9`. */
  readonly address: string;
  /** Such as `refused the connection`. */
  readonly what: string;
}

const troubles: readonly (readonly [RegExp, string])[] = [
  [/connection refused/i, 'refused the connection'],
  [/no such host|server misbehaving|name resolution/i, 'has no address in DNS'],
  [/i\/o timeout|deadline exceeded|timed out|TLS handshake timeout/i, 'did not answer in time'],
  [/no route to host|network is unreachable/i, 'cannot be reached: there is no route to it'],
  [/x509|certificate/i, 'showed a certificate that is not trusted'],
  [/server gave HTTP response to HTTPS client/i, 'speaks plain HTTP, but HTTPS was expected'],
  [/401 Unauthorized|authorization failed|403 Forbidden|denied/i, 'refused the credentials'],
  [/not found|manifest unknown/i, 'does not have the image'],
];

/** Explains the runtime's error of a failed pull. `registry` is the host in the image's name. */
export function registryTrouble(registry: string, error: string): RegistryTrouble {
  const dialled = /dial tcp (?:lookup )?([^\s:]+:\d+|\[[^\]]+\]:\d+)/.exec(error)?.[1];
  const what = troubles.find(([pattern]) => pattern.test(error))?.[1] ?? `answered with an error (${error})`;
  return { address: describeAddress(registry, dialled), what };
}

function describeAddress(registry: string, dialled: string | undefined): string {
  return dialled === undefined || dialled === registry || registry.includes(':')
    ? registry
    : `${registry} (${dialled})`;
}
