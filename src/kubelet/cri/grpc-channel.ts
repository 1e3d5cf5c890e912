import { Client, credentials, Metadata, type ServiceError, status as grpcStatus } from '@grpc/grpc-js';
import type { Method } from './cri-methods.ts';
import { RuntimeError, runtimeErrorCodes } from './runtime-error.ts';

/** When a call is given up: with the signal, or after this many milliseconds. */
export interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  /** Undefined: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Sent along as headers. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Messages of 16 MiB, as upstream's kubelet allows: a list of many pods is larger than gRPC's default of 4. */
const maxMessageBytes = 16 * 1024 * 1024;

/** A gRPC connection to a container runtime; dials lazily and again after a failure. */
export class GrpcChannel implements Disposable {
  readonly #client: Client;

  /** `address`: `unix:///absolute/path`. */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      // A runtime that restarts is back within a second or two; the default back-off would sit out up to two minutes.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 3_000,
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** One request, one answer. Rejects with a `RuntimeError`, or with the signal's reason. */
  call<Q, R>(method: Method<Q, R>, request: Q, limits: CallLimits): Promise<R> {
    const { signal } = limits;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => call.cancel();
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.request.encode,
        method.response.decode,
        request,
        headersOf(limits),
        deadlineOf(limits),
        (error, value) => {
          signal?.removeEventListener('abort', abort);
          if (error) reject(signal?.aborted ? signal.reason : runtimeErrorOf(error, method.name));
          else if (value !== undefined) resolve(value);
        },
      );
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** One request, any number of answers, until the signal or the runtime ends it. */
  async *stream<Q, R>(method: Method<Q, R>, request: Q, limits: CallLimits): AsyncGenerator<R> {
    const { signal } = limits;
    signal?.throwIfAborted();
    const { encode } = method.request;
    const { decode } = method.response;
    const call = this.#client.makeServerStreamRequest(method.path, encode, decode, request, headersOf(limits));
    const abort = (): void => call.cancel();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for await (const value of call) yield value as R;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw isServiceError(error) ? runtimeErrorOf(error, method.name) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
      call.cancel();
    }
  }
}

function headersOf({ metadata = {} }: CallLimits): Metadata {
  const headers = new Metadata();
  for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
  return headers;
}

function deadlineOf({ timeoutMs }: CallLimits): { deadline?: Date } {
  return timeoutMs === undefined ? {} : { deadline: deadlineIn(timeoutMs) };
}

/** gRPC wants a point of the wall clock; only this adapter, which talks to a real process, reads it. */
function deadlineIn(ms: number): Date {
  return new Date(Date.now() + ms);
}

function runtimeErrorOf(error: ServiceError, operation: string): RuntimeError {
  const starting = error.details === 'server is not initialized yet';
  // containerd sends this as Unknown while it recovers its containers; it means what Unavailable means.
  const code = starting ? 'Unavailable' : (runtimeErrorCodes[error.code] ?? 'Unknown');
  return new RuntimeError(code, detailOf(error), { operation, cause: error });
}

const dialFailures: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ECONNREFUSED: 'connection refused',
  EACCES: 'permission denied',
};

/** grpc-js words a failed connection its own way; who knows upstream's logs knows Go's sentence. */
function detailOf(error: ServiceError): string {
  const details = error.details || error.message;
  const [, code = '', path = ''] = /Last error: Error: connect (E[A-Z]+) (\S+)/.exec(details) ?? [];
  const reason = dialFailures[code];
  if (error.code !== grpcStatus.UNAVAILABLE || reason === undefined) return details;
  return `connection error: desc = "transport: Error while dialing: dial unix ${path.replace(/\.$/, '')}: connect: ${reason}"`;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}
