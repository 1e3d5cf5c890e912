/** Keys that certificates are asked for: what kinds there are, and whether whoever asks has the private half. */
import 'reflect-metadata';
import { constants, createPublicKey, verify, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** What is wrong with a key, and what it is instead. */
export interface KeyFault {
  /** What is to be told of the key; absent where that is the key itself. */
  readonly found?: string;
  readonly detail: string;
}

const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const moduli = new Set([3072, 4096]);

/** The key of a SubjectPublicKeyInfo, DER; undefined where it is none. */
export function publicKeyOf(der: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    // OpenSSL overlooks what follows.
    return spki(key).length === der.length ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether two public keys are one. (KeyObject.equals leaves an error behind in OpenSSL when they are of different types, for
 * which whatever the thread does next fails: Node 24.)
 */
export function isSameKey(a: KeyObject, b: KeyObject): boolean {
  return spki(a).equals(spki(b));
}

const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

/** The key of a PKCS#10 request, DER, and whether that key signed it; undefined where it is none. */
export async function requestKeyOf(
  der: Uint8Array,
): Promise<{ readonly key: KeyObject; readonly isSigned: boolean } | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(der));
    const key = publicKeyOf(new Uint8Array(request.publicKey.rawData));
    // The library overlooks what follows, too: the signature is the end.
    const end = Buffer.from(der).subarray(-request.signature.byteLength);
    if (!key || !end.equals(Buffer.from(request.signature))) return undefined;
    return { key, isSigned: await isSigned(request) };
  } catch {
    return undefined;
  }
}

async function isSigned(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false;
  }
}

/** Why a key can't be a pod's. Source: ValidatePodCertificateRequestCreate of kubernetes' certificates validation. */
export function podKeyFault({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details = {},
}: KeyObject): KeyFault | undefined {
  const { namedCurve = '', modulusLength = 0 } = details;
  switch (type) {
    case 'ed25519':
      return undefined;
    case 'ec':
      if (curves.has(namedCurve)) return undefined;
      return { found: `curve ${namedCurve}`, detail: 'elliptic public keys must use curve P256 or P384' };
    case 'rsa':
      if (moduli.has(modulusLength)) return undefined;
      return { found: `${modulusLength}-bit modulus`, detail: 'RSA keys must have modulus size 3072 or 4096' };
    default:
      return { detail: 'unknown public key type; supported types are Ed25519, ECDSA, and RSA' };
  }
}

/**
 * Whether the key made the signature of a message: with RSASSA-PSS or ECDSA of its SHA-256, or with Ed25519. Source:
 * certificates.k8s.io/v1beta1, proofOfPossession.
 */
export function hasSigned(key: KeyObject, message: string, signature: Uint8Array): boolean {
  const data = Buffer.from(message);
  try {
    switch (key.asymmetricKeyType) {
      case 'ed25519':
        return verify(null, data, key, signature);
      case 'rsa': {
        const padding = constants.RSA_PKCS1_PSS_PADDING;
        return verify('sha256', data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature);
      }
      default:
        return verify('sha256', data, key, signature);
    }
  } catch {
    return false;
  }
}
