/** What an ID token claims, and whether it may. Source: go-oidc's Verify. */
import { messageOf } from '../../../base/errors.ts';
import { isJsonObject } from '../../../machinery/schema.ts';
import type { Claims } from './claim-mapping.ts';
import { goList, goTime } from './go-text.ts';

/** How far the clocks of issuers may be ahead, in seconds. Source: go-oidc. */
const leeway = 60;

/** The claims of a compact JWT, verified or not. Throws when it is none. */
export function readClaims(token: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    if (isJsonObject(claims)) return claims;
    throw new Error('the claims are no JSON object');
  } catch (error) {
    throw new Error(`oidc: malformed jwt: ${messageOf(error)}`, { cause: error });
  }
}

/** What claims are checked against; `now` in epoch milliseconds. */
export interface ClaimExpectations {
  readonly issuer: string;
  /** One of them must be the token's. */
  readonly audiences: readonly string[];
  readonly now: number;
}

/** Throws unless a token is of this issuer, for one of these audiences, and now is its time. */
export function checkClaims(claims: Claims, { issuer, audiences, now }: ClaimExpectations): void {
  const { iss, aud, exp, nbf } = claims;
  if (iss !== issuer && !(issuer === 'https://accounts.google.com' && iss === 'accounts.google.com')) {
    const expected = JSON.stringify(issuer);
    throw new Error(
      `oidc: id token issued by a different provider, expected ${expected} got ${JSON.stringify(iss ?? '')}`,
    );
  }
  const claimed = (Array.isArray(aud) ? aud : [aud]).filter((item) => typeof item === 'string');
  if (!audiences.some((audience) => claimed.includes(audience))) {
    const [single = '', ...more] = audiences;
    const expected = more.length === 0 ? JSON.stringify(single) : `in ${goList([...audiences].sort())}`;
    throw new Error(`oidc: expected audience ${expected} got ${goList(claimed)}`);
  }
  const seconds = now / 1000;
  if (typeof exp !== 'number' || exp < seconds) {
    const expiry = typeof exp === 'number' ? goTime(exp) : '0001-01-01 00:00:00 +0000 UTC';
    throw new Error(`oidc: token is expired (Token Expiry: ${expiry})`);
  }
  if (typeof nbf === 'number' && nbf > seconds + leeway) {
    throw new Error(
      `oidc: current time ${goTime(Math.floor(seconds))} before the nbf (not before) time: ${goTime(nbf)}`,
    );
  }
}
