import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto';
import type { CipherGCMTypes, KeyObject } from 'node:crypto';
import { freshBytes } from './fresh-bytes.ts';
import { TransformError, tooShort } from './value-transformer.ts';
import type { OpenedValue, ValueTransformer } from './value-transformer.ts';

const nonceBytes = 12;
const tagBytes = 16;
const infoBytes = 32;

/**
 * AES-GCM, bound to the path: nonce of 12 random bytes, ciphertext, tag of 16 bytes. A key of 16, 24 or 32 bytes is good for
 * 2^32 writes. Source: apiserver's value/encrypt/aes, NewGCMTransformer.
 */
export function aesGcm(key: Uint8Array): ValueTransformer {
  const cipher = new Gcm(key);
  return {
    seal: (value, path) => cipher.seal(value, path),
    open: (stored, path) => ({ value: cipher.open(stored, path), isStale: false }),
  };
}

/**
 * AES-GCM under a key of its own for every write, derived from a seed of 32 bytes by HKDF-Expand with SHA-256: the 32 random
 * bytes that it was derived by, and then as `aesGcm`. No number of writes wears the seed out. Source: apiserver's
 * value/encrypt/aes, NewHKDFExtendedNonceGCMTransformer.
 */
export function extendedNonceGcm(seed: Uint8Array): ValueTransformer {
  const secret = createSecretKey(seed);
  return {
    seal(value, path) {
      const info = freshBytes(infoBytes);
      return [info, ...new Gcm(expand(secret, info)).seal(value, path)];
    },
    open(stored, path): OpenedValue {
      if (stored.length < infoBytes) throw tooShort();
      const cipher = new Gcm(expand(secret, stored.subarray(0, infoBytes)));
      return { value: cipher.open(stored.subarray(infoBytes), path), isStale: false };
    },
  };
}

/** The first block of HKDF-Expand, which is as long as a key. Source: RFC 5869, section 2.3. */
function expand(seed: KeyObject, info: Uint8Array): Buffer {
  return createHmac('sha256', seed).update(info).update(firstBlock).digest();
}

const firstBlock = Buffer.of(1);

class Gcm {
  readonly #key: KeyObject;
  readonly #algorithm: CipherGCMTypes;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
    this.#algorithm = `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`;
  }

  seal(value: Uint8Array, path: string): readonly Uint8Array[] {
    const nonce = freshBytes(nonceBytes);
    const cipher = createCipheriv(this.#algorithm, this.#key, nonce);
    cipher.setAAD(Buffer.from(path));
    const sealed = cipher.update(value);
    cipher.final();
    return [nonce, sealed, cipher.getAuthTag()];
  }

  open(stored: Uint8Array, path: string): Uint8Array {
    const end = stored.length - tagBytes;
    if (end < nonceBytes) throw tooShort();
    const decipher = createDecipheriv(this.#algorithm, this.#key, stored.subarray(0, nonceBytes));
    decipher.setAAD(Buffer.from(path));
    decipher.setAuthTag(stored.subarray(end));
    const value = decipher.update(stored.subarray(nonceBytes, end));
    try {
      decipher.final();
    } catch (cause) {
      throw new TransformError('cipher: message authentication failed', { cause });
    }
    return value;
  }
}
