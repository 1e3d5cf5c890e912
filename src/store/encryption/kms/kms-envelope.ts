import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Random } from '../../../base/random.ts';
import { aesGcm, extendedNonceGcm } from '../aes-gcm.ts';
import { TransformError } from '../value-transformer.ts';
import type { OpenedValue, ValueTransformer } from '../value-transformer.ts';
import {
  checkWrappedKey,
  dataHead,
  keyPart,
  keySources,
  readEncryptedObject,
  splitEncryptedObject,
} from './encrypted-object.ts';
import type { EncryptedObject } from './encrypted-object.ts';
import type { KmsPlugin, WrappedKey } from './kms-plugin.ts';

/** A key by which values may be written for a while. */
export class WriteKey {
  readonly keyId: string;
  readonly cipher: ValueTransformer;
  /** Says of each value what its key is. */
  readonly part: Buffer;
  /** Monotonic milliseconds. */
  writableUntil: number;

  constructor(options: { readonly seed: Uint8Array; readonly wrapped: WrappedKey; readonly writableUntil: number }) {
    checkWrappedKey(options.wrapped);
    this.keyId = options.wrapped.keyId;
    this.cipher = extendedNonceGcm(options.seed);
    this.part = keyPart(options.wrapped, keySources.seed);
    this.writableUntil = options.writableUntil;
  }
}

/** What a `KmsEnvelope` works with. */
export interface KmsEnvelopeOptions {
  readonly name: string;
  readonly plugin: KmsPlugin;
  readonly clock: Clock;
  readonly random: Random;
}

/** A key by which values were written. */
interface ReadKey {
  readonly cipher: ValueTransformer;
  readonly keyId: string;
  readonly source: number;
}

/** As many keys as are remembered; each start of a server and each rotation makes one. */
const maxKeys = 10_000;

/**
 * Encrypts values by a key that stands, encrypted by a plug-in, beside each of them. The plug-in is asked once per key.
 * Source: apiserver's value/encrypt/envelope/kmsv2.
 */
export class KmsEnvelope implements ValueTransformer {
  readonly #options: KmsEnvelopeOptions;
  /** By what tells of them in the values. */
  readonly #keys = new Map<string, ReadKey | Promise<ReadKey>>();
  #writeKey: WriteKey | undefined;

  constructor(options: KmsEnvelopeOptions) {
    this.#options = options;
  }

  /** The key by which values are written now. */
  get writeKey(): WriteKey | undefined {
    return this.#writeKey;
  }

  /** Writes with another key from now on. */
  write(key: WriteKey): void {
    this.#writeKey = key;
    this.#remember(key.part.toString('latin1'), { cipher: key.cipher, keyId: key.keyId, source: keySources.seed });
  }

  seal(value: Uint8Array, path: string): readonly Uint8Array[] {
    const { name, clock } = this.#options;
    const key = this.#writeKey;
    if (!key) throw new TransformError(`the KMS plug-in ${name} has given no key yet`, { isTransient: true });
    if (clock.monotonic() > key.writableUntil) {
      const text = `the KMS plug-in ${name} has not confirmed its key for more than three minutes`;
      throw new TransformError(text, { isTransient: true });
    }
    const parts = key.cipher.seal(value, path);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return [dataHead(length), ...parts, key.part];
  }

  open(stored: Uint8Array, path: string): OpenedValue | Promise<OpenedValue> {
    const split = splitEncryptedObject(stored);
    const known = split && this.#keys.get(latin1(split.part));
    if (split && known && !(known instanceof Promise)) return this.#openBy(known, split.data, path);
    const object = readEncryptedObject(stored);
    const key = known ?? this.#keyOf(object, split?.part);
    if (key instanceof Promise) return key.then((later) => this.#openBy(later, object.data, path));
    return this.#openBy(key, object.data, path);
  }

  #openBy({ cipher, keyId, source }: ReadKey, data: Uint8Array, path: string): OpenedValue {
    const { value } = cipher.open(data, path) as OpenedValue;
    const current = this.#writeKey;
    return { value, isStale: current !== undefined && (keyId !== current.keyId || source !== keySources.seed) };
  }

  #keyOf(object: EncryptedObject, part: Uint8Array | undefined): ReadKey | Promise<ReadKey> {
    const { keyId, wrapped: ciphertext, annotations, source } = object;
    const wrapped = { ciphertext, keyId, annotations };
    const id = latin1(part ?? keyPart(wrapped, source));
    return this.#keys.get(id) ?? this.#remember(id, this.#ask(id, wrapped, source));
  }

  async #ask(id: string, wrapped: WrappedKey, source: number): Promise<ReadKey> {
    const { plugin, random } = this.#options;
    try {
      const key = Buffer.from(await plugin.decrypt(wrapped, random.uuid()));
      const cipher = source === keySources.seed ? extendedNonceGcm(checkedSeed(key)) : aesGcm(checkedKey(key));
      const read = { cipher, keyId: wrapped.keyId, source };
      this.#keys.set(id, read);
      return read;
    } catch (error) {
      this.#keys.delete(id);
      const isTransient = error instanceof TransformError && error.isTransient;
      throw new TransformError(`failed to decrypt DEK, error: ${messageOf(error)}`, { isTransient, cause: error });
    }
  }

  #remember<K extends ReadKey | Promise<ReadKey>>(id: string, key: K): K {
    this.#keys.set(id, key);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > maxKeys && oldest !== undefined) this.#keys.delete(oldest);
    return key;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function checkedSeed(seed: Buffer): Buffer {
  if (seed.length < 32) throw new TransformError(`invalid seed length ${seed.length} used for key generation`);
  return seed;
}

function checkedKey(key: Buffer): Buffer {
  if (![16, 24, 32].includes(key.length)) throw new TransformError(`crypto/aes: invalid key size ${key.length}`);
  return key;
}
