import { boolean, choice, duration, file, text, texts } from './flag.ts';
import type { Flag, FlagValues } from './flag.ts';
import { UsageError } from '../config/cluster-config.ts';

/** A text that may be given several times; commas are part of it. */
function repeated(value: string, help: string): Flag<readonly string[]> {
  return { help, value, default: [], parse: (given) => given };
}

/** `key=value`, which may be given several times; commas are part of the value. */
function repeatedPairs(help: string): Flag<Readonly<Record<string, string>>> {
  return {
    help,
    value: 'key=value',
    default: {},
    parse: (given, flag) =>
      Object.fromEntries(
        given.map((pair) => {
          const at = pair.indexOf('=');
          if (at < 0) throw new UsageError(`${flag} must be key=value, not ${JSON.stringify(pair)}`);
          return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
        }),
      ),
  };
}

/** How users prove who they are. */
export const authenticationFlags = {
  'authentication-config': file(
    'an AuthenticationConfiguration: whose tokens are believed, and who may be anonymous; its changes are followed',
  ),
  'anonymous-auth': boolean('requests without credentials are of system:anonymous instead of being refused', true),
  'token-auth-file': file('static tokens: lines of token,user,uid,"group,…"'),
  'enable-bootstrap-token-auth': boolean('Secrets of type bootstrap.kubernetes.io/token let nodes join', false),
  'api-audiences': texts('audiences of this server, for one of which tokens must be; by default the issuers'),
  'oidc-issuer-url': text('the issuer of tokens that are believed: a URL that begins with https://'),
  'oidc-client-id': text('the audience that tokens of --oidc-issuer-url must be for'),
  'oidc-ca-file': file(
    'authorities of the certificate of --oidc-issuer-url, PEM; by default those that the system knows',
  ),
  'oidc-username-claim': text('the claim that is the name of the user', 'sub'),
  'oidc-username-prefix': text(
    "what names of users begin with; by default the issuer's URL and #, unless the claim is email; - is nothing",
  ),
  'oidc-groups-claim': text('the claim with the groups of the user: a text or several'),
  'oidc-groups-prefix': text('what groups of the claim begin with'),
  'oidc-signing-algs': texts('algorithms by which tokens may be signed', ['RS256']),
  'oidc-required-claim': repeatedPairs('a claim that must have a value; may be given several times'),
  'authentication-token-webhook-config-file': file('a kubeconfig that says who is asked whose tokens are'),
  'authentication-token-webhook-version': choice(['v1', 'v1beta1'], 'webhooks speak no others')(
    'the version of the TokenReviews that the webhook is sent',
    'v1beta1',
  ),
  'authentication-token-webhook-cache-ttl': duration("how long the webhook's answers are believed", 120_000),
  'service-account-key-file': repeated(
    'file',
    "keys whose tokens are accepted, public or private, PEM; the signing key's always are; may be given several times",
  ),
  'service-account-signing-key-file': file('the private key that signs the tokens of service accounts, PEM'),
  'service-account-issuer': repeated(
    'issuer',
    'says who issued a token, and for whom; a URL. Given several times, the first signs, and all are accepted',
  ),
  'service-account-jwks-uri': text(
    'where others find the keys of tokens; by default at /openid/v1/jwks of this server',
  ),
  'service-account-max-token-expiration': duration('the longest that tokens may live; by default as long as is asked'),
  'service-account-extend-token-expiration': boolean(
    'tokens that are put into pods live a year, whatever they say: not all clients read them again',
    true,
  ),
  'service-account-lookup': boolean('the objects behind tokens in Secrets must be there', true),
};

/** What the command line said about authentication. */
export type AuthenticationFlags = FlagValues<typeof authenticationFlags>;
