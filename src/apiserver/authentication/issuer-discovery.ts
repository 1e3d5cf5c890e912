/** Publishes the keys of service account tokens, so that others can verify them. Source: OpenID Connect Discovery 1.0. */
import type { DocumentHandler } from '../ports.ts';
import { jsonWebKeySet } from './signing-keys.ts';
import type { TokenAuthority } from './service-account-tokens.ts';

const keysPath = '/openid/v1/jwks';

/** Serves the issuer's configuration and its keys. `serverUrl` is where clients reach the API server. */
export function createIssuerDiscovery(authority: TokenAuthority, serverUrl: string): DocumentHandler {
  const configuration = JSON.stringify({
    issuer: authority.issuer,
    jwks_uri: `${serverUrl}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(authority.keys.map(({ algorithm }) => algorithm))],
  });
  const keys = JSON.stringify(jsonWebKeySet(authority.keys));
  const answers = new Map([
    ['/.well-known/openid-configuration', { type: 'application/json', body: configuration }],
    [keysPath, { type: 'application/jwk-set+json', body: keys }],
  ]);
  return {
    handle({ method, path }) {
      const answer = method === 'GET' ? answers.get(path.replace(/\/$/, '')) : undefined;
      if (!answer) return undefined;
      const headers = { 'content-type': answer.type, 'cache-control': 'public, max-age=3600' };
      return { status: 200, headers, body: answer.body };
    },
  };
}
