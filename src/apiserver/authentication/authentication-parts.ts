/** Puts together how users prove who they are, and the kinds that are about it. */
import type { ServerContext, ServerParts } from '../create-api-server.ts';
import type { AnonymousAccess } from './authentication.ts';
import { createAuthentication } from './authentication.ts';
import { certificateExpiration, serviceAccountTokenMetrics, tokenCacheMetrics } from './authentication-metrics.ts';
import { createBootstrapTokens } from './bootstrap-tokens.ts';
import { createIssuerDiscovery } from './issuer-discovery.ts';
import type { CompiledJwt } from './jwt/authentication-validation.ts';
import { fetchDocument } from './jwt/fetch-document.ts';
import { JwtTokens } from './jwt/jwt-tokens.ts';
import { LegacyTokenTracking } from './legacy-token-tracking.ts';
import { createLegacyTokens } from './legacy-tokens.ts';
import { certificateAuthenticators } from './request-header-authenticator.ts';
import type { RequestHeaderOptions } from './request-header-authenticator.ts';
import { selfSubjectReviews, tokenReviews } from './reviews.ts';
import { createServiceAccountTokens } from './service-account-tokens.ts';
import { signingKey, verificationKeys } from './signing-keys.ts';
import {
  audienceAgnostic,
  createStaticTokens,
  createTokenAuthenticator,
  createTokenVerifier,
} from './token-authenticator.ts';
import type { TokenSource } from './token-authenticator.ts';
import type { TokenAuthority } from './token-authority.ts';
import { tokenRequests } from './token-request.ts';
import { createWebhookTokens } from './webhook-tokens.ts';
import type { TokenWebhookSettings } from './webhook-tokens.ts';

/** Settings of authentication. */
export interface AuthenticationSettings {
  /** Such as `https://kubernetes.default.svc.cluster.local`; also the server's own audience. */
  readonly issuer: string;
  /** PEM of the key that signs service account tokens. */
  readonly signingKey: string;
  /** PEM files of further keys, public or private, whose tokens are accepted. */
  readonly verificationKeys?: readonly string[] | undefined;
  /** How service account tokens are issued and accepted. */
  readonly serviceAccounts?: ServiceAccountSettings | undefined;
  /** Where clients reach the server: `10.0.0.1:6443`. */
  readonly serverAddress: string;
  /** PEM of the authorities of client certificates. */
  readonly clientCa?: string | undefined;
  /** Proxies that may say who asks. */
  readonly requestHeader?: RequestHeaderOptions | undefined;
  /** The text of `--token-auth-file`. */
  readonly staticTokens?: string | undefined;
  /** Whether nodes may show bootstrap tokens. Default: false. */
  readonly bootstrapTokens?: boolean | undefined;
  /** Tokens of issuers elsewhere. */
  readonly jwt?: JwtSettings | undefined;
  /** A webhook that is asked whose tokens are. */
  readonly tokenWebhook?: TokenWebhookSettings | undefined;
  /** Default: true. */
  readonly anonymous?: boolean | AnonymousAccess | undefined;
}

/** Settings of service account tokens, beside their issuer and keys. */
export interface ServiceAccountSettings {
  /** Issuers whose tokens are accepted besides. */
  readonly formerIssuers?: readonly string[] | undefined;
  /** The API server's own. Default: the issuers. */
  readonly audiences?: readonly string[] | undefined;
  /** Where others find the keys. Default: at this server. */
  readonly jwksUri?: string | undefined;
  /** The longest life of a token, in seconds. */
  readonly maxSeconds?: number | undefined;
  /** Whether tokens that admission puts into pods live a year. Default: true. */
  readonly extend?: boolean | undefined;
  /** Whether the objects behind legacy tokens must be there. Default: true. */
  readonly lookup?: boolean | undefined;
}

/** Whose tokens are believed, and how. */
export interface JwtSettings {
  readonly authenticators: readonly CompiledJwt[];
  /** JWS algorithms that are accepted. Default: all but those of shared secrets. */
  readonly algorithms?: readonly string[] | undefined;
  /** Tells of every other configuration that comes, until aborted. */
  readonly follow?:
    | ((change: (authenticators: readonly CompiledJwt[]) => Promise<void>, signal: AbortSignal) => Promise<void>)
    | undefined;
}

/** The parts of a server that are about who asks. */
export interface AuthenticationParts extends Pick<ServerParts, 'authenticator'> {
  readonly virtualResources: NonNullable<ServerParts['virtualResources']>;
  readonly virtualSubresources: NonNullable<ServerParts['virtualSubresources']>;
  readonly documents: NonNullable<ServerParts['documents']>;
  /** Does what has to be done beside requests, until the server stops. */
  run(): Promise<void>;
}

/** Makes the parts. Those who prove themselves by certificates come first, then tokens: the server's own before others'. */
export function authenticationParts(settings: AuthenticationSettings, context: ServerContext): AuthenticationParts {
  const { client, clock, random, log, metrics, signal } = context;
  const authority = authorityOf(settings);
  const { audiences } = authority;
  const jwt = settings.jwt && jwtTokens(settings.jwt, context);
  const tokens = createTokenVerifier(
    tokenSources(settings, { authority, jwt, context }),
    clock,
    tokenCacheMetrics(metrics),
  );
  return {
    authenticator: createAuthentication({
      authenticators: [
        ...certificateAuthenticators(settings.requestHeader, settings.clientCa ?? '', {
          now: () => clock.now(),
          expirations: certificateExpiration(metrics),
        }),
        createTokenAuthenticator(tokens, audiences),
      ],
      anonymous: settings.anonymous,
    }),
    virtualResources: [tokenReviews(tokens, audiences), selfSubjectReviews(clock)],
    virtualSubresources: [tokenRequests({ authority, client, clock, random, ...settings.serviceAccounts })],
    documents: [
      createIssuerDiscovery(authority, {
        serverUrl: `https://${settings.serverAddress}`,
        jwksUri: settings.serviceAccounts?.jwksUri,
      }),
    ],
    async run() {
      const following = jwt && settings.jwt?.follow?.((next) => jwt.replace(next), signal);
      await Promise.all([new LegacyTokenTracking({ client, clock, log }).run(signal), following]);
      await jwt?.stopped();
    },
  };
}

interface Sources {
  readonly authority: TokenAuthority;
  readonly jwt: JwtTokens | undefined;
  readonly context: ServerContext;
}

/** Those that can say so at once come before those that have to ask others. Source: kubeapiserver's authenticator. */
function tokenSources(settings: AuthenticationSettings, { authority, jwt, context }: Sources): TokenSource[] {
  const { client, find, clock, random, log, signal } = context;
  const metrics = serviceAccountTokenMetrics(context.metrics);
  const { audiences } = authority;
  const { staticTokens, serviceAccounts, bootstrapTokens = false, tokenWebhook } = settings;
  const sources = [
    createLegacyTokens(authority, { client, find, clock, log, metrics, lookup: serviceAccounts?.lookup }),
    createServiceAccountTokens(authority, { client, find, clock, metrics }),
  ];
  if (staticTokens !== undefined) sources.unshift(audienceAgnostic(createStaticTokens(staticTokens), audiences));
  if (bootstrapTokens) sources.push(audienceAgnostic(createBootstrapTokens({ find, clock, log }), audiences));
  if (jwt) sources.push(audienceAgnostic(jwt, audiences));
  if (tokenWebhook) sources.push(createWebhookTokens(tokenWebhook, { clock, random, log, signal, audiences }));
  return sources;
}

function jwtTokens({ authenticators, algorithms }: JwtSettings, { clock, log, signal }: ServerContext): JwtTokens {
  return new JwtTokens(authenticators, { fetch: fetchDocument, clock, log, signal, algorithms });
}

function authorityOf(settings: AuthenticationSettings): TokenAuthority {
  const { issuer, signingKey: pem, verificationKeys: files = [] } = settings;
  const { formerIssuers = [], audiences = [issuer, ...formerIssuers] } = settings.serviceAccounts ?? {};
  const signing = signingKey(pem);
  const further = files.flatMap(verificationKeys).filter(({ id }) => id !== signing.id);
  return { issuer, formerIssuers, signing, keys: [signing, ...further], audiences };
}
