import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { freshBytes } from './fresh-bytes.ts';
import { TransformError, tooShort } from './value-transformer.ts';
import type { ValueTransformer } from './value-transformer.ts';

const blockBytes = 16;

/**
 * AES-CBC with PKCS#7 padding and a key of 16, 24 or 32 bytes: a random initialization vector of 16 bytes, then the
 * ciphertext. Nothing is authenticated. Source: apiserver's value/encrypt/aes, NewCBCTransformer.
 */
export function aesCbc(bytes: Uint8Array): ValueTransformer {
  const key = createSecretKey(bytes);
  const algorithm = `aes-${bytes.length * 8}-cbc`;
  return {
    seal(value) {
      const vector = freshBytes(blockBytes);
      const cipher = createCipheriv(algorithm, key, vector);
      return [vector, cipher.update(value), cipher.final()];
    },
    open(stored) {
      if (stored.length < blockBytes) throw tooShort();
      if (stored.length % blockBytes !== 0)
        throw new TransformError('the stored data is not a multiple of the block size');
      const decipher = createDecipheriv(algorithm, key, stored.subarray(0, blockBytes));
      const start = decipher.update(stored.subarray(blockBytes));
      try {
        return { value: Buffer.concat([start, decipher.final()]), isStale: false };
      } catch (cause) {
        throw new TransformError('invalid padding on input', { cause });
      }
    },
  };
}
