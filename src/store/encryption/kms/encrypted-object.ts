import { bytes, field, int32, map, message, string } from '../../../machinery/protobuf/wire-codec.ts';
import { TransformError } from '../value-transformer.ts';
import type { WrappedKey } from './kms-plugin.ts';

/** How the key of a value comes from what the plug-in decrypts: it is that, or it is derived from it. */
export const keySources = { key: 0, seed: 1 } as const;

/** A value and the key by which it is encrypted. Source: apiserver's value/encrypt/envelope/kmsv2/v2/api.proto. */
export interface EncryptedObject {
  readonly data: Uint8Array;
  readonly keyId: string;
  readonly wrapped: Uint8Array;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
  readonly source: number;
}

const codec = message<EncryptedObject>({
  data: field(1, bytes),
  keyId: field(2, string),
  wrapped: field(3, bytes),
  annotations: map(4, bytes),
  source: field(5, int32),
});

const keyCodec = message<Omit<EncryptedObject, 'data'>>({
  keyId: codec.fields.keyId,
  wrapped: codec.fields.wrapped,
  annotations: codec.fields.annotations,
  source: codec.fields.source,
});

/** What stands before the data: field 1, bytes. */
const dataTag = 0x0a;

/** Limits, in bytes. Source: envelope.go. */
const maxKeyId = 1024;
const maxWrapped = 1024;
const maxAnnotations = 32 * 1024;

/** Reads what was stored. Throws TransformError. */
export function readEncryptedObject(stored: Uint8Array): EncryptedObject {
  let object: EncryptedObject;
  try {
    object = codec.decode(stored);
  } catch (cause) {
    throw new TransformError('the stored data is no EncryptedObject', { cause });
  }
  if (object.source !== keySources.key && object.source !== keySources.seed)
    throw new TransformError(`unknown encryptedDEKSourceType: ${object.source}`);
  if (object.data.length === 0) throw new TransformError('encrypted data is empty');
  checkWrappedKey({ ciphertext: object.wrapped, keyId: object.keyId, annotations: object.annotations });
  return object;
}

/** The data of an EncryptedObject and what tells of its key, where they stand as everybody writes them; nothing is checked. */
export function splitEncryptedObject(
  stored: Uint8Array,
): { readonly data: Uint8Array; readonly part: Uint8Array } | undefined {
  if (stored[0] !== dataTag) return undefined;
  let [at, length, shift] = [1, 0, 0];
  for (; shift < 28; shift += 7) {
    const byte = stored[at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { data: stored.subarray(at, at + length), part: stored.subarray(at + length) };
  }
  return undefined;
}

/** The part of an EncryptedObject that tells of its key: written once per key, behind the data of each value. */
export function keyPart({ ciphertext, keyId, annotations }: WrappedKey, source: number): Buffer {
  return keyCodec.encode({ keyId, wrapped: ciphertext, annotations, source });
}

/** What stands before the data of an EncryptedObject: the number of the field, and how many bytes follow. */
export function dataHead(length: number): Buffer {
  const head = [dataTag];
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return Buffer.from([...head, length]);
}

/** Throws TransformError for a key whose parts are missing or too large. */
export function checkWrappedKey({ ciphertext, keyId, annotations }: WrappedKey): void {
  if (ciphertext.length === 0)
    throw new TransformError('failed to validate encrypted DEK source: encrypted DEK source is empty');
  if (ciphertext.length > maxWrapped) {
    const text = `encrypted DEK source is ${ciphertext.length} bytes, which exceeds the max size of ${maxWrapped}`;
    throw new TransformError(`failed to validate encrypted DEK source: ${text}`);
  }
  const fault = keyIdFault(keyId);
  if (fault !== undefined) throw new TransformError(`failed to validate key id: ${fault}`);
  checkAnnotations(annotations);
}

/** What is wrong with the id of a key, if anything. */
export function keyIdFault(keyId: string): string | undefined {
  if (keyId === '') return 'keyID is empty';
  const length = Buffer.byteLength(keyId);
  return length > maxKeyId ? `keyID is ${length} bytes, which exceeds the max size of ${maxKeyId}` : undefined;
}

const qualifiedName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;

function checkAnnotations(annotations: WrappedKey['annotations']): void {
  let size = 0;
  for (const [name, value] of Object.entries(annotations)) {
    if (!qualifiedName.test(name) || name.length > 253)
      throw new TransformError(
        `failed to validate annotations: ${JSON.stringify(name)} should be a domain with at least two segments separated by dots`,
      );
    size += name.length + value.length;
  }
  if (size > maxAnnotations) {
    const text = `total size of annotations is ${size}, which exceeds the max size of ${maxAnnotations}`;
    throw new TransformError(`failed to validate annotations: ${text}`);
  }
}
