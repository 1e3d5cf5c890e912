/** Publishes the keys of service account tokens, so that others can verify them. Source: OpenID Connect Discovery 1.0. */
import type { DocumentHandler } from '../ports.ts';
import { jsonWebKeySet } from './signing-keys.ts';
import type { TokenAuthority } from './token-authority.ts';

const keysPath = '/openid/v1/jwks';

/** Options of `createIssuerDiscovery`. */
export interface IssuerDiscoveryOptions {
  /** Where clients reach the API server. */
  readonly serverUrl: string;
  /** Where others find the keys. Default: at this server. Source: --service-account-jwks-uri. */
  readonly jwksUri?: string | undefined;
}

/** Serves the issuer's configuration and its keys; nothing where the issuer is no URL that others could verify. */
export function createIssuerDiscovery(
  { issuer, keys }: TokenAuthority,
  { serverUrl, jwksUri }: IssuerDiscoveryOptions,
): DocumentHandler {
  const configuration = JSON.stringify({
    issuer,
    jwks_uri: jwksUri || `${serverUrl}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map(({ algorithm }) => algorithm))].sort(),
  });
  const answers = new Map([
    ['/.well-known/openid-configuration', { type: 'application/json', body: configuration }],
    [keysPath, { type: 'application/jwk-set+json', body: JSON.stringify(jsonWebKeySet(keys)) }],
  ]);
  if (!/^https:\/\/[^?#]+$/.test(issuer)) answers.clear();
  return {
    handle({ method, path }) {
      const answer = method === 'GET' ? answers.get(path.replace(/\/$/, '')) : undefined;
      if (!answer) return undefined;
      const headers = { 'content-type': answer.type, 'cache-control': 'public, max-age=3600' };
      return { status: 200, headers, body: answer.body };
    },
  };
}
