import { compactVerify, decodeProtectedHeader } from 'jose';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { VerificationKey } from './signing-keys.ts';

/**
 * The payload of a JWT that one of the keys has signed for `issuer`; its times are not looked at. Rejects when none has:
 * each key is good for its own algorithm only, whatever the token says.
 */
export async function verifiedPayload(
  keys: readonly VerificationKey[],
  token: string,
  issuer: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { kid } = decodeProtectedHeader(token);
  const candidates = keys.filter(({ id }) => kid === undefined || id === kid);
  if (candidates.length === 0) throw new Error('invalid signature, no keys found');
  const failures: string[] = [];
  for (const { key, algorithm } of candidates) {
    try {
      const { payload, protectedHeader } = await compactVerify(token, key, { algorithms: [algorithm] });
      if (protectedHeader.b64 === false) throw new Error('the payload is not encoded');
      return claimsOf(payload, issuer);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error(failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`);
}

function claimsOf(payload: Uint8Array, issuer: string): Readonly<Record<string, unknown>> {
  const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
  if (!isJsonObject(claims)) throw new Error('the payload is no JSON object');
  if (claims['iss'] !== issuer) throw new Error(`token issuer ${JSON.stringify(claims['iss'])} is invalid`);
  return claims;
}
