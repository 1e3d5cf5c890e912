import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Random } from '../../../base/random.ts';
import { aesGcm, extendedNonceGcm } from '../aes-gcm.ts';
import { TransformError } from '../value-transformer.ts';
import type { OpenedValue, ValueTransformer } from '../value-transformer.ts';
import { checkWrappedKey, dataHead, keyPart, keySources, readEncryptedObject } from './encrypted-object.ts';
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

/** As many keys as are remembered; each start of a server and each rotation makes one. */
const maxKeys = 10_000;

/**
 * Encrypts values by a key that stands, encrypted by a plug-in, beside each of them. The plug-in is asked once per key.
 * Source: apiserver's value/encrypt/envelope/kmsv2.
 */
export class KmsEnvelope implements ValueTransformer {
  readonly #options: KmsEnvelopeOptions;
  readonly #keys = new Map<string, ValueTransformer | Promise<ValueTransformer>>();
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
    this.#remember(key.part.toString('latin1'), key.cipher);
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
    const object = readEncryptedObject(stored);
    const key = this.#keyOf(object);
    if (key instanceof Promise) return key.then((cipher) => this.#openBy(cipher, object, path));
    return this.#openBy(key, object, path);
  }

  #openBy(cipher: ValueTransformer, { data, keyId, source }: EncryptedObject, path: string): OpenedValue {
    const { value } = cipher.open(data, path) as OpenedValue;
    const current = this.#writeKey;
    return { value, isStale: current !== undefined && (keyId !== current.keyId || source !== keySources.seed) };
  }

  #keyOf({
    keyId,
    wrapped: ciphertext,
    annotations,
    source,
  }: EncryptedObject): ValueTransformer | Promise<ValueTransformer> {
    const wrapped = { ciphertext, keyId, annotations };
    const id = keyPart(wrapped, source).toString('latin1');
    return this.#keys.get(id) ?? this.#remember(id, this.#ask(id, wrapped, source));
  }

  async #ask(id: string, wrapped: WrappedKey, source: number): Promise<ValueTransformer> {
    const { plugin, random } = this.#options;
    try {
      const key = Buffer.from(await plugin.decrypt(wrapped, random.uuid()));
      const cipher = source === keySources.seed ? extendedNonceGcm(checkedSeed(key)) : aesGcm(checkedKey(key));
      this.#keys.set(id, cipher);
      return cipher;
    } catch (error) {
      this.#keys.delete(id);
      const isTransient = error instanceof TransformError && error.isTransient;
      throw new TransformError(`failed to decrypt DEK, error: ${messageOf(error)}`, { isTransient, cause: error });
    }
  }

  #remember<K extends ValueTransformer | Promise<ValueTransformer>>(id: string, key: K): K {
    this.#keys.set(id, key);
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > maxKeys && oldest !== undefined) this.#keys.delete(oldest);
    return key;
  }
}

function checkedSeed(seed: Buffer): Buffer {
  if (seed.length < 32) throw new TransformError(`invalid seed length ${seed.length} used for key generation`);
  return seed;
}

function checkedKey(key: Buffer): Buffer {
  if (![16, 24, 32].includes(key.length)) throw new TransformError(`crypto/aes: invalid key size ${key.length}`);
  return key;
}
