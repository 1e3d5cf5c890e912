/**
 * Tokens that live as long as the Secret that holds them: what Secrets of the type
 * kubernetes.io/service-account-token are filled with. Source: kubernetes' serviceaccount/legacy.
 */
import { SignJWT, decodeJwt, jwtVerify } from 'jose';
import { hasReason } from '../../base/errors.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Client } from '../../client/client.ts';
import type { SigningKey, VerificationKey } from './signing-keys.ts';
import type { TokenSource } from './token-authenticator.ts';
import { serviceAccountGroups, serviceAccountUserName } from './users.ts';

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

/** Makes the verifier: the account must be the same, and the Secret must still hold the token. */
export function createLegacyTokens(
  keys: readonly VerificationKey[],
  client: Client,
  audiences: readonly string[],
): TokenSource {
  return {
    async verify(token, asked) {
      if (!isLegacy(token)) return undefined;
      const claims = await verifiedClaims(keys, token);
      const [namespace, secretName] = [claims('namespace'), claims('secret.name')];
      const [name, uid] = [claims('service-account.name'), claims('service-account.uid')];
      const account = await found(client.get(ServiceAccount, { namespace, name }));
      const secret = await found(client.get(Secret, { namespace, name: secretName }));
      if (account.metadata.uid !== uid) throw new Error(`the UID of serviceaccount ${name} has changed`);
      if (atob(secret.data?.['token'] ?? '') !== token) throw new Error('the token is no longer in its secret');
      const shared = asked.filter((audience) => audiences.includes(audience));
      if (shared.length === 0) throw new Error('the token is for the API server only');
      return {
        user: { name: serviceAccountUserName(namespace, name), uid, groups: serviceAccountGroups(namespace) },
        audiences: shared,
      };
    },
  };
}

function isLegacy(token: string): boolean {
  if (token.split('.').length !== 3) return false;
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

async function verifiedClaims(keys: readonly VerificationKey[], token: string): Promise<(name: string) => string> {
  for (const { key, algorithm } of keys) {
    const verified = await jwtVerify(token, key, { algorithms: [algorithm], issuer }).catch(() => undefined);
    if (verified) return (name) => textOf(verified.payload[claim(name)]);
  }
  throw new Error('service account token has no valid signature');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

async function found<T>(object: Promise<T>): Promise<T> {
  try {
    return await object;
  } catch (error) {
    if (hasReason(error, 'NotFound')) throw new Error('service account token has been invalidated', { cause: error });
    throw error;
  }
}
