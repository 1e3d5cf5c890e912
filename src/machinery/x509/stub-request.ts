/** Keys for pods, with requests that say nothing but them. Source: kubernetes' pkg/kubelet/podcertificate. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { keyText } from './certificate-authority.ts';

x509.cryptoProvider.set(webcrypto);

/** A new key and what is asked for it. */
export interface StubRequest {
  /** PKCS#8, PEM. */
  readonly key: string;
  /** A PKCS#10 request that is empty but for the key, DER. */
  readonly request: Uint8Array;
}

const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
});
const ecdsa = (namedCurve: string, hash: string) => ({ name: 'ECDSA', namedCurve, hash });

/** How keys of each type are made and sign, by the names that pods have for them. */
const algorithms = {
  RSA3072: rsa(3072),
  RSA4096: rsa(4096),
  ECDSAP256: ecdsa('P-256', 'SHA-256'),
  ECDSAP384: ecdsa('P-384', 'SHA-384'),
  ECDSAP521: ecdsa('P-521', 'SHA-512'),
  ED25519: { name: 'Ed25519' },
} as const;

/** Makes a key of a type, and the request. */
export async function createStubRequest(keyType: keyof typeof algorithms): Promise<StubRequest> {
  const algorithm = algorithms[keyType];
  const keys = await newKeys(algorithm);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: algorithm });
  return { key: await keyText(keys), request: new Uint8Array(request.rawData) };
}

async function newKeys(algorithm: webcrypto.AlgorithmIdentifier): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if ('privateKey' in keys) return keys;
  throw new Error('a key pair was to be made, not a key');
}
