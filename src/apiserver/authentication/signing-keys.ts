/** The keys that sign and verify service account tokens. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A public key under its identifier, and the JWS algorithm it is used with. */
export interface VerificationKey {
  readonly id: string;
  readonly algorithm: 'RS256' | 'ES256' | 'ES384' | 'ES512';
  readonly key: KeyObject;
}

/** A private key and its public half. */
export interface SigningKey extends VerificationKey {
  readonly privateKey: KeyObject;
}

/** Reads a private key in PEM (RSA or EC). */
export function signingKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  return { ...verificationKey(createPublicKey(privateKey)), privateKey };
}

const block = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;
const keyTypes = /^(?:(?:RSA |EC )?(?:PUBLIC|PRIVATE) KEY|CERTIFICATE)$/;

/** Reads all keys in a PEM file: public, private, or in certificates. Throws when there is none. */
export function verificationKeys(pem: string): readonly VerificationKey[] {
  const keys = Array.from(pem.matchAll(block)).flatMap(([text, type = '']) =>
    keyTypes.test(type) ? [verificationKey(text)] : [],
  );
  if (keys.length === 0) throw new Error('data does not contain any valid RSA or ECDSA public keys');
  return keys;
}

/** Reads a public or private key in PEM, or takes one; `id` is derived as upstream derives it. */
export function verificationKey(source: string | KeyObject): VerificationKey {
  const key = typeof source === 'string' ? createPublicKey(source) : source;
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, algorithm: algorithmOf(key), key };
}

function algorithmOf(key: KeyObject): VerificationKey['algorithm'] {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return 'ES256';
    case 'secp384r1':
      return 'ES384';
    case 'secp521r1':
      return 'ES512';
    default:
      throw new Error('the service account key must be RSA, or ECDSA on P-256, P-384 or P-521');
  }
}

/** The keys as a JSON Web Key Set. */
export function jsonWebKeySet(keys: readonly VerificationKey[]): object {
  return {
    keys: keys.map(({ id, algorithm, key }) => ({
      use: 'sig',
      ...key.export({ format: 'jwk' }),
      kid: id,
      alg: algorithm,
    })),
  };
}
