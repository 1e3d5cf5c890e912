/** Issues and verifies the tokens of service accounts: JWTs bound to objects that must still exist. */
import { SignJWT, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Random } from '../../base/random.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Client } from '../../client/client.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import type { ObjectKey, Resource } from '../../machinery/resource.ts';
import type { FindObject, User } from '../ports.ts';
import { parseClaims } from './service-account-claims.ts';
import type { ClaimedObject, KubernetesClaims, TokenClaims } from './service-account-claims.ts';
import type { SigningKey, VerificationKey } from './signing-keys.ts';
import type { TokenSource } from './token-authenticator.ts';
import { serviceAccountGroups, serviceAccountUserName } from './users.ts';

/** What the tokens of a cluster have in common. */
export interface TokenAuthority {
  /** Such as `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer: string;
  readonly signing: SigningKey;
  /** Accepted keys, the signing key's public half among them. */
  readonly keys: readonly VerificationKey[];
  /** Audiences of the API server itself; a token without a wish is for these. */
  readonly audiences: readonly string[];
}

/** Options of an issue. */
export interface IssueOptions {
  readonly claims: KubernetesClaims;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
}

/** Signs a token; returns it with its expiry in epoch milliseconds. */
export async function issueToken(
  authority: TokenAuthority,
  { claims, audiences, lifetimeSeconds }: IssueOptions,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<{ readonly token: string; readonly expires: number }> {
  const issued = Math.floor(clock.now() / 1000);
  const { signing, issuer } = authority;
  const token = await new SignJWT({ 'kubernetes.io': claims })
    .setProtectedHeader({ alg: signing.algorithm, kid: signing.id })
    .setIssuer(issuer)
    .setSubject(serviceAccountUserName(claims.namespace, claims.serviceaccount.name))
    .setAudience([...audiences])
    .setIssuedAt(issued)
    .setNotBefore(issued)
    .setExpirationTime(issued + lifetimeSeconds)
    .setJti(random.uuid())
    .sign(signing.privateKey);
  return { token, expires: (issued + lifetimeSeconds) * 1000 };
}

/** How long after its deletion began an object still vouches for a token. */
const deletionLeewayMs = 60_000;
const rememberedTokens = 4096;

/** Where the objects that vouch for tokens are looked up. */
export interface ObjectSource {
  readonly client: Client;
  /** What the watch cache has. */
  readonly find?: FindObject | undefined;
}

/**
 * Makes the verifier. Signatures are checked once per token and remembered; expiry, and that the account and the bound
 * objects are still the same, is checked every time: in the watch cache (`find`), or through `client` what is not known there.
 */
export function createServiceAccountTokens(
  authority: TokenAuthority,
  { client, find, clock }: ObjectSource & { readonly clock: Clock },
): TokenSource {
  const remembered = new Map<string, { readonly claims: TokenClaims; readonly user: User }>();
  return {
    async verify(token, audiences) {
      let known = remembered.get(token);
      if (!known) {
        if (!isOurs(token, authority.issuer)) return undefined;
        const claims = await verifySignature(authority, token, clock.now());
        if (remembered.size >= rememberedTokens) remembered.clear();
        remembered.set(token, (known = { claims, user: userOfClaims(claims) }));
      }
      const { claims, user } = known;
      const shared = claims.audiences.filter((audience) => audiences.includes(audience));
      if (shared.length === 0) {
        throw new Error(
          `token audiences ${JSON.stringify(claims.audiences)} is invalid for the target audiences ${JSON.stringify(audiences)}`,
        );
      }
      checkTimes(claims, clock.now());
      await checkBindings(claims.kubernetes, { client, find }, clock.now());
      return { user, audiences: shared };
    },
  };
}

function isOurs(token: string, issuer: string): boolean {
  if (token.split('.').length !== 3) return false;
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

async function verifySignature(authority: TokenAuthority, token: string, now: number): Promise<TokenClaims> {
  const { kid } = decodeProtectedHeader(token);
  const candidates = authority.keys.filter((key) => kid === undefined || key.id === kid);
  for (const { key, algorithm } of candidates) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer: authority.issuer,
        currentDate: new Date(now),
      });
      const claims = parseClaims(payload);
      if (claims) return claims;
    } catch (error) {
      if (candidates.length === 1) throw error;
    }
  }
  throw new Error('service account token has no valid signature');
}

function checkTimes(claims: TokenClaims, now: number): void {
  if (now / 1000 >= claims.expiry) throw new Error('service account token has expired');
  if (now / 1000 + 5 < claims.notBefore) throw new Error('service account token is not valid yet');
}

async function checkBindings(claims: KubernetesClaims, source: ObjectSource, now: number): Promise<void> {
  const { namespace, serviceaccount, pod, secret, node } = claims;
  const check = (resource: Resource, key: ObjectKey, claimed: ClaimedObject): Promise<void> =>
    checkObject(source, { resource, key, claimed, now });
  await check(ServiceAccount, { namespace, name: serviceaccount.name }, serviceaccount);
  if (pod) await check(Pod, { namespace, name: pod.name }, pod);
  else if (secret) await check(Secret, { namespace, name: secret.name }, secret);
  // A token bound to a pod mentions its node for information only.
  else if (node) await check(Node, { name: node.name }, node);
}

async function checkObject(
  { client, find }: ObjectSource,
  { resource, key, claimed, now }: { resource: Resource; key: ObjectKey; claimed: ClaimedObject; now: number },
): Promise<void> {
  let metadata: ObjectMeta;
  try {
    const known = find?.(resource, key)?.metadata;
    metadata = known?.uid === claimed.uid ? known : (await client.get(resource, key)).metadata;
  } catch (error) {
    if (hasReason(error, 'NotFound')) throw new Error('service account token has been invalidated', { cause: error });
    throw error;
  }
  const { uid, deletionTimestamp } = metadata;
  if (uid !== claimed.uid) throw new Error(`the UID of ${resource.singular} ${key.name} has changed`);
  if (deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + deletionLeewayMs < now) {
    throw new Error('service account token has been invalidated');
  }
}

function userOfClaims({ kubernetes, id }: TokenClaims): User {
  const { namespace, serviceaccount, pod, node } = kubernetes;
  const extra: Record<string, readonly string[]> = {};
  const prefix = 'authentication.kubernetes.io';
  if (id !== undefined) extra[`${prefix}/credential-id`] = [`JTI=${id}`];
  if (node) Object.assign(extra, { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] });
  if (pod) Object.assign(extra, { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] });
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    extra,
  };
}
