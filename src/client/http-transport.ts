import { setMaxListeners } from 'node:events';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { StatusError, messageOf } from '../base/errors.ts';
import type { Connection } from './connection.ts';
import type { Lease } from './http2-pool.ts';
import { Http2Pool, wasRefused } from './http2-pool.ts';
import { tokenSource } from './token-source.ts';

/** A request to any path of the server. */
export interface RawRequest {
  /** Default: GET. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the response's headers must be there; default 60 s, 0 waits for ever. */
  readonly timeout?: number | undefined;
}

/** The response's head, and its body to be read or destroyed. */
export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

const defaultTimeout = 60_000;
const attempts = 3;

/** Sends requests over HTTP/2 with the connection's identity. Failures to reach a server are ServiceUnavailable. */
export class HttpTransport implements AsyncDisposable {
  readonly #pool: Http2Pool;
  readonly #token: () => Promise<string | undefined>;
  readonly #userAgent: string;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#pool = new Http2Pool(connection, clock);
    this.#token = tokenSource(connection, clock);
    this.#userAgent = connection.userAgent ?? 'kubets';
    this.#clock = clock;
  }

  /** Answers whatever the status; only an unreachable server, a timeout or an abort throws. */
  async request(request: RawRequest): Promise<RawResponse> {
    for (let attempt = 1; ; attempt++) {
      request.signal?.throwIfAborted();
      const lease = await this.#lease(request);
      try {
        return await this.#send(lease, request);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (error instanceof StatusError) throw error;
        const repeatable = wasRefused(error) || (request.method ?? 'GET') === 'GET';
        if (!repeatable || attempt >= attempts) throw unreachable(request, error, lease.server.origin);
      }
    }
  }

  /** Opens new connections for what is asked from now on. */
  renew(): void {
    this.#pool.renew();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  async #lease(request: RawRequest): Promise<Lease> {
    const { signal } = request;
    const lease = this.#pool.lease();
    if (!signal) return lease.catch((error: unknown) => Promise.reject(unreachable(request, error)));
    signal.throwIfAborted();
    // Many requests may share one signal, as all watches of a process do.
    setMaxListeners(0, signal);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(abortError(signal));
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([lease, aborted.promise]);
    } catch (error) {
      // Whoever gave up does not release what comes after all.
      void releaseLater(lease);
      throw signal.aborted ? error : unreachable(request, error);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #send(lease: Lease, request: RawRequest): Promise<RawResponse> {
    let stream: ClientHttp2Stream;
    try {
      const headers = await this.#headers(lease.server, request);
      stream = lease.session.request(headers, { endStream: request.body === undefined });
    } catch (error) {
      lease.release();
      throw error;
    }
    stream.once('close', () => lease.release());
    const response = this.#response(stream, request);
    if (request.body !== undefined) stream.end(request.body);
    return response;
  }

  #response(stream: ClientHttp2Stream, request: RawRequest): Promise<RawResponse> {
    const { signal, timeout = defaultTimeout } = request;
    return new Promise((resolve, reject) => {
      const abort = (): void => void stream.destroy(abortError(signal));
      const late = new StatusError('Timeout', `${request.method ?? 'GET'} ${request.path}: request timed out`);
      const timer = timeout > 0 ? this.#clock.after(timeout, () => stream.destroy(late)) : undefined;
      stream.on('error', reject);
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      stream.once('close', () => {
        signal?.removeEventListener('abort', abort);
        timer?.[Symbol.dispose]();
        reject(new Error('stream closed before the response'));
      });
      stream.once('response', (headers) => {
        timer?.[Symbol.dispose]();
        resolve({ status: Number(headers[constants.HTTP2_HEADER_STATUS]), headers, body: stream });
      });
    });
  }

  async #headers(server: URL, request: RawRequest): Promise<Record<string, string>> {
    const token = await this.#token();
    const prefix = server.pathname.replace(/\/$/, '');
    return {
      ':method': request.method ?? 'GET',
      ':path': `${prefix}${request.path}`,
      'user-agent': this.#userAgent,
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...request.headers,
    };
  }
}

async function releaseLater(lease: Promise<Lease>): Promise<void> {
  try {
    (await lease).release();
  } catch {
    // There is nothing to release.
  }
}

function abortError(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal?.reason });
}

function unreachable(request: RawRequest, cause: unknown, server = ''): StatusError {
  const message = `${request.method ?? 'GET'} ${server}${request.path}: ${messageOf(cause)}`;
  return new StatusError('ServiceUnavailable', message, { cause });
}
