import grpc from '@grpc/grpc-js';
import { bytes, field, map, message, string } from '../../../machinery/protobuf/wire-codec.ts';
import type { Codec } from '../../../machinery/protobuf/wire-codec.ts';
import { TransformError } from '../value-transformer.ts';

/** How a plug-in is. Source: k8s.io/kms apis/v2, StatusResponse. */
export interface KmsStatus {
  /** Of the protocol: `v2`. */
  readonly version: string;
  /** `ok`, or what is wrong. */
  readonly healthz: string;
  /** The key by which it encrypts now. */
  readonly keyId: string;
}

/** A key as a plug-in has encrypted it, with what it needs to decrypt it again. */
export interface WrappedKey {
  readonly ciphertext: Uint8Array;
  /** The plug-in's key by which this one was encrypted. */
  readonly keyId: string;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
}

/** Encrypts the keys by which values are encrypted. Every method rejects with TransformError. `uid` names the call in logs. */
export interface KmsPlugin extends Disposable {
  status(): Promise<KmsStatus>;
  encrypt(plaintext: Uint8Array, uid: string): Promise<WrappedKey>;
  decrypt(wrapped: WrappedKey, uid: string): Promise<Uint8Array>;
}

/** The messages of the KMS protocol v2. Source: k8s.io/kms apis/v2/api.proto. */
export const kmsMessages = {
  statusRequest: message<object>({}),
  statusResponse: message<KmsStatus>({ version: field(1, string), healthz: field(2, string), keyId: field(3, string) }),
  encryptRequest: message<{ plaintext: Uint8Array; uid: string }>({
    plaintext: field(1, bytes),
    uid: field(2, string),
  }),
  encryptResponse: message<WrappedKey>({
    ciphertext: field(1, bytes),
    keyId: field(2, string),
    annotations: map(3, bytes),
  }),
  decryptRequest: message<WrappedKey & { uid: string }>({
    ciphertext: field(1, bytes),
    uid: field(2, string),
    keyId: field(3, string),
    annotations: map(4, bytes),
  }),
  decryptResponse: message<{ plaintext: Uint8Array }>({ plaintext: field(1, bytes) }),
};

/** The path of a method of the service. */
export function kmsMethodPath(method: 'Status' | 'Encrypt' | 'Decrypt'): string {
  return `/v2.KeyManagementService/${method}`;
}

/** Failures after which the same call may succeed. */
const transientCodes: ReadonlySet<number> = new Set([
  grpc.status.UNAVAILABLE,
  grpc.status.DEADLINE_EXCEEDED,
  grpc.status.RESOURCE_EXHAUSTED,
  grpc.status.ABORTED,
  grpc.status.CANCELLED,
]);

/** Speaks with a plug-in over its socket; connects when needed, and again after a failure. */
export function connectKmsPlugin(options: {
  /** `unix:///absolute/path`. */
  readonly endpoint: string;
  /** Milliseconds that a call may take, connecting included. */
  readonly timeoutMs: number;
}): KmsPlugin {
  const client = new grpc.Client(options.endpoint, grpc.credentials.createInsecure(), {
    // A plug-in that restarts is back within a second or two; the default back-off would sit out up to two minutes.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3_000,
  });
  const call = <Q, R>(method: Parameters<typeof kmsMethodPath>[0], codecs: Codecs<Q, R>, request: Q): Promise<R> =>
    callPlugin(client, { method, timeoutMs: options.timeoutMs }, codecs, request);
  const { statusRequest, statusResponse, encryptRequest, encryptResponse, decryptRequest, decryptResponse } =
    kmsMessages;
  return {
    status: () => call('Status', [statusRequest, statusResponse], {}),
    encrypt: (plaintext, uid) => call('Encrypt', [encryptRequest, encryptResponse], { plaintext, uid }),
    async decrypt(wrapped, uid) {
      return (await call('Decrypt', [decryptRequest, decryptResponse], { ...wrapped, uid })).plaintext;
    },
    [Symbol.dispose]: () => client.close(),
  };
}

type Codecs<Q, R> = readonly [request: Codec<Q>, response: Codec<R>];

function callPlugin<Q, R>(
  client: grpc.Client,
  { method, timeoutMs }: { readonly method: Parameters<typeof kmsMethodPath>[0]; readonly timeoutMs: number },
  [{ encode }, { decode }]: Codecs<Q, R>,
  request: Q,
): Promise<R> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      kmsMethodPath(method),
      encode,
      decode,
      request,
      new grpc.Metadata({ waitForReady: true }),
      { deadline: deadlineIn(timeoutMs) },
      (error, value) => {
        if (value !== undefined) return resolve(value);
        const [code, detail] = error ? [error.code, error.details || error.message] : [0, 'no answer'];
        const message = `rpc error: code = ${grpc.status[code]} desc = ${detail}`;
        reject(new TransformError(message, { isTransient: transientCodes.has(code), cause: error }));
      },
    );
  });
}

/** gRPC wants a point of the wall clock; only this adapter, which talks to a real process, reads it. */
function deadlineIn(ms: number): Date {
  return new Date(Date.now() + ms);
}
