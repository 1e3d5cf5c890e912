/**
 * A KMS plug-in that keeps its keys nowhere: they follow from their ids. Started as a process of its own by
 * `KmsPluginProcess`, with the path of its socket as argument, and told by messages what to do.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import { kmsMessages, kmsMethodPath } from '../kms/kms-plugin.ts';
import type { KmsStatus, WrappedKey } from '../kms/kms-plugin.ts';

/** What the plug-in may be told: what its status is, and by which key it encrypts if that is another one. */
export interface PluginState extends KmsStatus {
  readonly encryptsBy?: string | undefined;
}

/** How often it was asked for what. */
export interface PluginCalls {
  status: number;
  encrypt: number;
  decrypt: number;
}

const annotation = 'version.kubets.test';
const calls: PluginCalls = { status: 0, encrypt: 0, decrypt: 0 };
let state: PluginState = { version: 'v2', healthz: 'ok', keyId: 'key-1' };

const keyOf = (id: string): Buffer => createHash('sha256').update(id).digest();

function encrypt({ plaintext }: { readonly plaintext: Uint8Array }): WrappedKey {
  calls.encrypt++;
  const keyId = state.encryptsBy ?? state.keyId;
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(keyId), nonce);
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const ciphertext = Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
  return { ciphertext, keyId, annotations: { [annotation]: Buffer.from('1') } };
}

function decrypt({ ciphertext, keyId, annotations }: WrappedKey): { readonly plaintext: Uint8Array } {
  calls.decrypt++;
  if (Buffer.from(annotations[annotation] ?? []).toString() !== '1') throw new Error('the annotation is missing');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(keyId), ciphertext.subarray(0, 12));
  decipher.setAuthTag(ciphertext.subarray(-16));
  return { plaintext: Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()]) };
}

function unary<Q, R>(answer: (request: Q) => R): grpc.handleUnaryCall<Q, R> {
  return ({ request }, respond) => {
    try {
      respond(null, answer(request));
    } catch (error) {
      respond({ code: grpc.status.INVALID_ARGUMENT, details: String(error) });
    }
  };
}

const { statusRequest, statusResponse, encryptRequest, encryptResponse, decryptRequest, decryptResponse } = kmsMessages;
const method = (name: Parameters<typeof kmsMethodPath>[0]) => ({
  path: kmsMethodPath(name),
  requestStream: false,
  responseStream: false,
});
const server = new grpc.Server();
server.addService(
  {
    status: {
      ...method('Status'),
      requestSerialize: statusRequest.encode,
      requestDeserialize: statusRequest.decode,
      responseSerialize: statusResponse.encode,
      responseDeserialize: statusResponse.decode,
    },
    encrypt: {
      ...method('Encrypt'),
      requestSerialize: encryptRequest.encode,
      requestDeserialize: encryptRequest.decode,
      responseSerialize: encryptResponse.encode,
      responseDeserialize: encryptResponse.decode,
    },
    decrypt: {
      ...method('Decrypt'),
      requestSerialize: decryptRequest.encode,
      requestDeserialize: decryptRequest.decode,
      responseSerialize: decryptResponse.encode,
      responseDeserialize: decryptResponse.decode,
    },
  },
  {
    status: unary<object, KmsStatus>(() => {
      calls.status++;
      return state;
    }),
    encrypt: unary(encrypt),
    decrypt: unary(decrypt),
  },
);
// As plug-ins do that were killed before.
rmSync(process.argv[2] ?? '', { force: true });
server.bindAsync(`unix://${process.argv[2]}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  process.send?.(calls);
});
process.on('message', (told: PluginState) => {
  state = told;
  process.send?.(calls);
});
process.on('disconnect', () => process.exit());
