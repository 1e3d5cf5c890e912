import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { freshBytes } from './fresh-bytes.ts';
import { TransformError, tooShort } from './value-transformer.ts';
import type { ValueTransformer } from './value-transformer.ts';

const nonceBytes = 24;
const tagBytes = 16;

/**
 * XSalsa20 and Poly1305 with a key of 32 bytes, NaCl's secretbox: a nonce of 24 random bytes, the tag, the ciphertext. Not
 * bound to the path. Source: apiserver's value/encrypt/secretbox.
 */
export function secretbox(key: Uint8Array): ValueTransformer {
  return {
    seal(value) {
      const nonce = freshBytes(nonceBytes);
      return [nonce, xsalsa20poly1305(key, nonce).encrypt(value)];
    },
    open(stored) {
      if (stored.length < nonceBytes + tagBytes) throw tooShort();
      try {
        const box = xsalsa20poly1305(key, stored.subarray(0, nonceBytes));
        return { value: box.decrypt(stored.subarray(nonceBytes)), isStale: false };
      } catch (cause) {
        throw new TransformError('secretbox: message authentication failed', { cause });
      }
    },
  };
}
