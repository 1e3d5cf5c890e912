/** Identity from bearer tokens. */
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { StatusError, messageOf } from '../../base/errors.ts';
import type { Authenticator, User } from '../ports.ts';
import type { TokenCacheMetrics } from './authentication-metrics.ts';
import { bearerToken } from './bearer-token.ts';
import { TokenCache } from './token-cache.ts';

/** Who a token speaks for; undefined when it is not of a form that this source knows. Throws when it is, but wrong. */
export interface TokenSource {
  verify(token: string, audiences: readonly string[]): VerifiedToken | undefined | Promise<VerifiedToken | undefined>;
}

/** A token's user, and which of the asked audiences it is for. */
export interface VerifiedToken {
  readonly user: User;
  readonly audiences: readonly string[];
  /** Tells at once whether the answer still holds. Where it is missing, an answer holds ten seconds. */
  readonly isCurrent?: (() => boolean) | undefined;
}

/** Tells whom tokens speak for. Throws Unauthorized for those that nobody knows. */
export interface TokenVerifier {
  verify(token: string, audiences: readonly string[]): VerifiedToken | Promise<VerifiedToken>;
}

/** How long answers are believed. Source: kubeapiserver's TokenSuccessCacheTTL. */
const successTtlMs = 10_000;

/** Asks every source in turn, and remembers who was found. */
export function createTokenVerifier(
  sources: readonly TokenSource[],
  clock: Clock,
  metrics?: TokenCacheMetrics,
): TokenVerifier {
  return new TokenCache({
    clock,
    ttl: successTtlMs,
    metrics,
    verify: (token, audiences) => verifyToken(sources, token, audiences),
  });
}

/** Asks every source in turn. Throws Unauthorized when none knows the token, with all reasons as its cause. */
export async function verifyToken(
  sources: readonly TokenSource[],
  token: string,
  audiences: readonly string[],
): Promise<VerifiedToken> {
  const reasons: string[] = [];
  for (const source of sources) {
    try {
      const verified = await source.verify(token, audiences);
      if (verified) return verified;
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  const cause = ['invalid bearer token', ...reasons];
  throw new StatusError('Unauthorized', 'Unauthorized', {
    cause: cause.length > 1 ? `[${cause.join(', ')}]` : cause[0],
  });
}

/** Makes the authenticator of bearer tokens meant for `audiences` (the API server's own). */
export function createTokenAuthenticator(verifier: TokenVerifier, audiences: readonly string[]): Authenticator {
  return {
    authenticate({ headers }) {
      const token = bearerToken(headers);
      if (token === undefined) return undefined;
      const verified = verifier.verify(token, audiences);
      return verified instanceof Promise ? verified.then(({ user }) => user) : verified.user;
    },
  };
}

/**
 * Tokens that know no audience are for the API server's: `source` is asked where one of those is wanted.
 * Source: authenticator.WrapAudienceAgnosticToken.
 */
export function audienceAgnostic(source: TokenSource, own: readonly string[]): TokenSource {
  return {
    async verify(token, asked) {
      const shared = own.filter((audience) => asked.includes(audience));
      if (shared.length === 0) return undefined;
      const verified = await source.verify(token, shared);
      return verified && { ...verified, audiences: shared };
    },
  };
}

/**
 * Tokens from a static file, one a line: `token,user,uid[,"group1,group2"]`. Source: --token-auth-file.
 */
export function createStaticTokens(csv: string): TokenSource {
  const users = new Map<string, User>();
  for (const line of csv.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [token = '', name = '', uid = '', groups = ''] = splitCsv(line.trim());
    if (token === '' || name === '') {
      throw new Error('every line of the token file needs a token and a user: token,user,uid[,"group1,group2"]');
    }
    const members = groups.split(',').map((group) => group.trim());
    users.set(digest(token), { name, uid, groups: members.filter((group) => group !== '') });
  }
  return {
    // Looked up by digest, so that the time a look-up takes says nothing about the tokens.
    verify(token, audiences) {
      const user = users.get(digest(token));
      return user && { user, audiences, isCurrent: () => true };
    },
  };
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function splitCsv(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
  );
}
