/** Signs service account tokens. Source: kubernetes' serviceaccount/claims. */
import { SignJWT } from 'jose';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { KubernetesClaims } from './service-account-claims.ts';
import type { TokenAuthority } from './token-authority.ts';
import { serviceAccountUserName } from './users.ts';

/** What a token shall say. */
export interface IssueOptions {
  readonly claims: KubernetesClaims;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
  /** Seconds after which its use is noted: it should have been exchanged by then. */
  readonly warnAfterSeconds?: number | undefined;
}

/** A signed token. */
export interface IssuedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly issued: number;
  /** Its `jti`. */
  readonly id: string;
}

/** Signs a token with the authority's key. */
export async function issueToken(
  { signing, issuer }: TokenAuthority,
  { claims, audiences, lifetimeSeconds, warnAfterSeconds }: IssueOptions,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<IssuedToken> {
  const issued = Math.floor(clock.now() / 1000);
  const id = random.uuid();
  const warnafter = warnAfterSeconds === undefined ? {} : { warnafter: issued + warnAfterSeconds };
  const token = await new SignJWT({ 'kubernetes.io': { ...claims, ...warnafter } })
    .setProtectedHeader({ alg: signing.algorithm, kid: signing.id })
    .setIssuer(issuer)
    .setSubject(serviceAccountUserName(claims.namespace, claims.serviceaccount.name))
    .setAudience([...audiences])
    .setIssuedAt(issued)
    .setNotBefore(issued)
    .setExpirationTime(issued + lifetimeSeconds)
    .setJti(id)
    .sign(signing.privateKey);
  return { token, issued: issued * 1000, id };
}
