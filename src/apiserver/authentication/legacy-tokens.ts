/**
 * Tokens that live as long as the Secret that holds them: what Secrets of the type
 * kubernetes.io/service-account-token are filled with. Source: kubernetes' serviceaccount/legacy.
 */
import { timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { dayOf, invalidSinceLabel } from '../../api/core/legacy-token.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import type { User } from '../ports.ts';
import type { ServiceAccountTokenMetrics } from './authentication-metrics.ts';
import { withNotes } from './authentication-notes.ts';
import type { AuthenticationNotes } from './authentication-notes.ts';
import type { ObjectSource } from './bound-objects.ts';
import { noteTokenUse } from './legacy-token-tracking.ts';
import type { SigningKey } from './signing-keys.ts';
import type { TokenSource } from './token-authenticator.ts';
import type { TokenAuthority } from './token-authority.ts';
import { unverifiedIssuer } from './unverified-jwt.ts';
import { serviceAccountGroups, serviceAccountOf, serviceAccountUserName } from './users.ts';
import { verifiedPayload } from './verified-payload.ts';

const issuer = 'kubernetes/serviceaccount';
const claim = (name: string): string => `kubernetes.io/serviceaccount/${name}`;

/** For whom a token is signed, and which Secret will hold it. */
export interface LegacyTokenSubject {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly secret: { readonly name: string };
}

/** Signs a token that does not expire. */
export async function issueLegacyToken(
  { algorithm, id, privateKey }: SigningKey,
  { namespace, serviceAccount, secret }: LegacyTokenSubject,
): Promise<string> {
  return new SignJWT({
    [claim('namespace')]: namespace,
    [claim('secret.name')]: secret.name,
    [claim('service-account.name')]: serviceAccount.name,
    [claim('service-account.uid')]: serviceAccount.uid,
  })
    .setProtectedHeader({ alg: algorithm, kid: id })
    .setIssuer(issuer)
    .setSubject(serviceAccountUserName(namespace, serviceAccount.name))
    .sign(privateKey);
}

/** Options of `createLegacyTokens`. */
export interface LegacyTokenOptions extends ObjectSource {
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the account and the Secret must still be there. Default: true. Source: --service-account-lookup. */
  readonly lookup?: boolean | undefined;
  readonly metrics?: Pick<ServiceAccountTokenMetrics, 'legacy'> | undefined;
}

/** Makes the verifier: the account must be the same, and the Secret must still hold the token. */
export function createLegacyTokens(authority: TokenAuthority, options: LegacyTokenOptions): TokenSource {
  const { lookup = true } = options;
  return {
    async verify(token, asked) {
      if (unverifiedIssuer(token) !== issuer) return undefined;
      const claims = readClaims(await verifiedPayload(authority.keys, token, issuer));
      const shared = authority.audiences.filter((audience) => asked.includes(audience));
      if (shared.length === 0) throw new Error('token audiences are those of the API server only');
      const vouching = lookup ? await lookUp(token, claims, options) : undefined;
      if (options.metrics) options.metrics.legacy.value++;
      return { user: userOf(claims, vouching), audiences: shared, isCurrent: () => stands(vouching, options) };
    },
  };
}

interface LegacyClaims {
  readonly subject: string;
  readonly namespace: string;
  readonly secret: string;
  readonly account: string;
  readonly uid: string;
}

function readClaims(payload: Readonly<Record<string, unknown>>): LegacyClaims {
  const named = (value: unknown, name: string): string => {
    if (typeof value === 'string' && value !== '') return value;
    throw new Error(`${name} claim is missing`);
  };
  const claims = {
    subject: named(payload['sub'], 'sub'),
    namespace: named(payload[claim('namespace')], 'namespace'),
    secret: named(payload[claim('secret.name')], 'secretName'),
    account: named(payload[claim('service-account.name')], 'serviceAccountName'),
    uid: named(payload[claim('service-account.uid')], 'serviceAccountUID'),
  };
  const subject = serviceAccountOf(claims.subject);
  if (subject?.namespace !== claims.namespace || subject.name !== claims.account)
    throw new Error('sub claim is invalid');
  return claims;
}

interface Vouching {
  readonly secret: Secret;
  readonly account: ServiceAccount;
  /** The day on which the use was noted. */
  readonly day: string;
}

async function lookUp(token: string, claims: LegacyClaims, options: LegacyTokenOptions): Promise<Vouching> {
  const { namespace } = claims;
  const secret = await found(Secret, { namespace, name: claims.secret }, options);
  if (!secret || secret.metadata.deletionTimestamp !== undefined) throw new Error('Token has been invalidated');
  if (!isSame(secret.data?.['token'], token)) throw new Error("Token does not match server's copy");
  const account = await found(ServiceAccount, { namespace, name: claims.account }, options);
  if (!account) throw new Error(`serviceaccounts ${JSON.stringify(claims.account)} not found`);
  const { uid, deletionTimestamp } = account.metadata;
  if (deletionTimestamp !== undefined)
    throw new Error(`ServiceAccount ${namespace}/${claims.account} has been deleted`);
  if (uid !== claims.uid) throw new Error(`ServiceAccount UID (${uid}) does not match claim (${claims.uid})`);
  const day = await noteTokenUse(secret, options);
  if (secret.metadata.labels?.[invalidSinceLabel]) {
    throw new Error(
      `the token in secret ${namespace}/${claims.secret} for service account ${namespace}/${claims.account} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`,
    );
  }
  return { secret, account, day };
}

async function found<T extends ApiObject, D>(
  resource: Resource<T, D>,
  key: ObjectKey,
  { client, find }: ObjectSource,
): Promise<T | undefined> {
  const known = find?.(resource, key);
  if (known) return known;
  try {
    return await client.get(resource, key);
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Whether all is as it was when the token was verified, as far as the cache knows. */
function stands(vouching: Vouching | undefined, { find, clock }: LegacyTokenOptions): boolean {
  if (!vouching) return true;
  const { secret, account, day } = vouching;
  const { namespace = '' } = secret.metadata;
  return (
    find?.(Secret, { namespace, name: secret.metadata.name }) === secret &&
    find(ServiceAccount, { namespace, name: account.metadata.name }) === account &&
    dayOf(clock.now()) === day
  );
}

function isSame(stored: string | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(stored ?? '', 'base64'), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function userOf({ namespace, account, uid }: LegacyClaims, vouching: Vouching | undefined): User {
  const user = { name: serviceAccountUserName(namespace, account), uid, groups: serviceAccountGroups(namespace) };
  return withNotes(user, vouching && notesOn(vouching));
}

function notesOn({ secret, account }: Vouching): AuthenticationNotes {
  const { name } = secret.metadata;
  const isGenerated = account.secrets?.some((reference) => reference.name === name) === true;
  const legacy = {
    'authentication.k8s.io/legacy-token': serviceAccountUserName(
      account.metadata.namespace ?? '',
      account.metadata.name,
    ),
  };
  if (!isGenerated)
    return { annotations: () => ({ ...legacy, 'authentication.k8s.io/legacy-token-manual-secret': name }) };
  return {
    warnings: [
      'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.',
    ],
    annotations: () => ({ ...legacy, 'authentication.k8s.io/legacy-token-autogenerated-secret': name }),
  };
}
