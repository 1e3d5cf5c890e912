/** Verifies the tokens of service accounts: JWTs bound to objects that must still exist. Source: serviceaccount/jwt. */
import type { Clock } from '../../base/clock.ts';
import type { User } from '../ports.ts';
import type { ServiceAccountTokenMetrics } from './authentication-metrics.ts';
import { withNotes } from './authentication-notes.ts';
import type { AuthenticationNotes } from './authentication-notes.ts';
import { areCached, boundObjects, checkBoundObjects } from './bound-objects.ts';
import type { ObjectSource } from './bound-objects.ts';
import { parseClaims } from './service-account-claims.ts';
import type { TokenClaims } from './service-account-claims.ts';
import type { TokenSource } from './token-authenticator.ts';
import type { TokenAuthority } from './token-authority.ts';
import { unverifiedIssuer } from './unverified-jwt.ts';
import { serviceAccountGroups, serviceAccountUserName } from './users.ts';
import { verifiedPayload } from './verified-payload.ts';

/** How far clocks may differ, in seconds. Source: go-jose's DefaultLeeway. */
const leeway = 60;

/** Options of `createServiceAccountTokens`. */
export interface ServiceAccountTokenOptions extends ObjectSource {
  readonly clock: Clock;
  readonly metrics?: Pick<ServiceAccountTokenMetrics, 'valid' | 'stale'> | undefined;
}

/**
 * Makes the verifier. Its answers tell whether they still hold: whether the token has not expired, and the account and
 * what it is bound to are still the same, as far as the watch cache (`find`) knows.
 */
export function createServiceAccountTokens(
  authority: TokenAuthority,
  { client, find, clock, metrics }: ServiceAccountTokenOptions,
): TokenSource {
  const issuers = new Set([authority.issuer, ...(authority.formerIssuers ?? [])]);
  return {
    async verify(token, audiences) {
      const issuer = unverifiedIssuer(token);
      if (issuer === undefined || !issuers.has(issuer)) return undefined;
      const payload = await verifiedPayload(authority.keys, token, issuer);
      const claims = payload && parseClaims(payload);
      if (!claims) throw new Error('service account token claims could not be validated');
      const shared = sharedAudiences(claims.audiences, audiences, authority);
      checkTimes(claims, clock.now());
      const bound = boundObjects(claims.kubernetes);
      await checkBoundObjects(bound, { client, find }, clock.now());
      const countedUntil = count(claims, clock, metrics);
      return {
        user: userOfClaims(claims, clock),
        audiences: shared,
        isCurrent: () =>
          clock.now() < countedUntil &&
          isTimely(claims, clock.now()) &&
          find !== undefined &&
          areCached(bound, find, clock.now()),
      };
    },
  };
}

/** How long a stale token is believed until it is counted again, in milliseconds. Source: kubeapiserver's TokenSuccessCacheTTL. */
const staleMs = 10_000;

/**
 * Counts a token that is shown; until when that is enough, in epoch milliseconds. Stale ones are counted for as long as they
 * are used: by that is known whether tokens that live longer are still needed.
 */
function count({ warnAfter }: TokenClaims, clock: Clock, metrics: ServiceAccountTokenOptions['metrics']): number {
  const now = clock.now();
  const isStale = warnAfter !== undefined && warnAfter > 0 && now > warnAfter * 1000;
  if (metrics) metrics[isStale ? 'stale' : 'valid'].value++;
  if (isStale) return now + staleMs;
  return warnAfter ? warnAfter * 1000 : Number.POSITIVE_INFINITY;
}

/** Tokens without audiences are for the API server. */
function sharedAudiences(
  claimed: readonly string[],
  asked: readonly string[],
  authority: TokenAuthority,
): readonly string[] {
  const own = claimed.length === 0 ? authority.audiences : claimed;
  const shared = own.filter((audience) => asked.includes(audience));
  if (shared.length > 0) return shared;
  throw new Error(`token audiences ${goStrings(own)} is invalid for the target audiences ${goStrings(asked)}`);
}

/** Strings as Go's %q writes a slice of them. */
function goStrings(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

function isTimely({ expiry, notBefore, issuedAt }: TokenClaims, now: number): boolean {
  const seconds = now / 1000;
  return seconds < expiry && notBefore <= seconds + leeway && issuedAt <= seconds + leeway;
}

function checkTimes(claims: TokenClaims, now: number): void {
  if (isTimely(claims, now)) return;
  if (now / 1000 >= claims.expiry) throw new Error('service account token has expired');
  if (claims.notBefore > now / 1000 + leeway) throw new Error('service account token is not valid yet');
  throw new Error('service account token is issued in the future');
}

function userOfClaims(claims: TokenClaims, clock: Clock): User {
  const { namespace, serviceaccount, pod, node } = claims.kubernetes;
  const extra: Record<string, readonly string[]> = {};
  const prefix = 'authentication.kubernetes.io';
  if (claims.id !== undefined) extra[`${prefix}/credential-id`] = [`JTI=${claims.id}`];
  if (node) {
    extra[`${prefix}/node-name`] = [node.name];
    if (node.uid !== undefined) extra[`${prefix}/node-uid`] = [node.uid];
  }
  if (pod?.uid !== undefined)
    Object.assign(extra, { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] });
  const user = {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  return withNotes(user, staleNotes(claims, clock));
}

/** Tokens that live longer than they should, so that clients which never read them again go on working. */
function staleNotes({ warnAfter, subject }: TokenClaims, clock: Clock): AuthenticationNotes | undefined {
  if (!warnAfter) return undefined;
  return {
    annotations(): Readonly<Record<string, string>> {
      const late = Math.floor(clock.now() / 1000) - warnAfter;
      if (late <= 0) return {};
      const text = `subject: ${subject}, seconds after warning threshold: ${late}`;
      return { 'authentication.k8s.io/stale-token': text };
    },
  };
}
