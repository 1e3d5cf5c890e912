import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Codec } from '../../machinery/protobuf/wire-codec.ts';
import { StoreError } from '../store.ts';
import { callErrorOf, EtcdCallError } from './etcd-error.ts';
import type { EtcdMethod } from './etcd-messages.ts';
import { frameOf, FrameReader } from './grpc-frames.ts';

/** Certificates, PEM, for endpoints that begin with `https:`. */
export interface EtcdTls {
  /** Whom to trust; default: the authorities that the system knows. */
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** How a connection is made. */
export interface GrpcSessionOptions {
  /** `http://host:port`, `https://host:port` or `unix:///path`. */
  readonly url: string;
  readonly tls?: EtcdTls | undefined;
  readonly clock: Clock;
}

/** One request on its way. */
export interface GrpcCall<R> {
  /** Rejects with an `EtcdCallError`. */
  readonly answer: Promise<R>;
  /** Gives up: the answer never comes. */
  cancel(): void;
}

/** Requests and answers, any number of each, until one side ends it. */
export interface GrpcStream<Q, R> {
  send(request: Q): void;
  cancel(): void;
  /** `ended` is called once. */
  listen(listener: { answer(answer: R): void; ended(error: EtcdCallError): void }): void;
}

const { HTTP2_HEADER_PATH, HTTP2_HEADER_METHOD, NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants;

/** Bytes that may be under way, per stream and in all. */
const windowSize = 16 * 1024 * 1024;
/** etcd closes the connection to who pings more often than every 5 s; a ping must be answered within `pingTimeout`. */
const pingInterval = 6_000;
const pingTimeout = 3_000;

/**
 * One HTTP/2 connection that carries gRPC calls. Written here because a call through a general gRPC library takes four times the
 * processor time, and because only at this level it is known whether a request that failed was ever sent.
 */
export class GrpcSession {
  readonly url: string;
  /** Resolves once requests can be sent; rejects if it does not come to that. */
  readonly connected: Promise<void>;
  readonly #session: ClientHttp2Session;
  readonly #clock: Clock;
  #ready = false;
  #open = 0;
  #heard: number;
  #watchdog: Disposable | undefined;

  /** `onClosed` is called when the connection takes no more calls. */
  constructor({ url, tls, clock }: GrpcSessionOptions, onClosed: () => void) {
    this.url = url;
    this.#clock = clock;
    this.#heard = clock.monotonic();
    const session = open(url, tls);
    this.#session = session;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.connected = promise;
    promise.catch(() => undefined);
    session.once('connect', () => {
      session.setLocalWindowSize(windowSize);
      this.#ready = true;
      resolve();
    });
    session.once('goaway', onClosed);
    session.on('error', (error: Error) => reject(error instanceof EtcdCallError ? error : unsent(url, error)));
    session.once('close', () => {
      this.#watchdog?.[Symbol.dispose]();
      reject(unsent(url));
      onClosed();
    });
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Breaks off the connection and all that is under way on it. */
  destroy(error: EtcdCallError): void {
    this.#session.destroy(error);
  }

  /** One request, one answer. */
  call<Q, R>(method: EtcdMethod<Q, R>, request: Q, token: string | undefined): GrpcCall<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const parts: Buffer[] = [];
    const stream = this.#request(method.path, token, reject);
    if (!stream) return { answer: promise, cancel: () => undefined };
    stream.on('data', (part: Buffer) => parts.push(part));
    const status = this.#statusOf(stream, (error) => {
      if (error) return reject(error);
      try {
        resolve(messageOf(method.response, parts));
      } catch (cause) {
        reject(new EtcdCallError(`etcd at ${this.url} gave an answer that cannot be read`, {}, cause));
      }
    });
    stream.end(frameOf(method.request.encode(request)));
    return { answer: promise, cancel: status.cancel };
  }

  /** A stream of requests and answers. */
  stream<Q, R>(method: EtcdMethod<Q, R>, token: string | undefined): GrpcStream<Q, R> {
    let failure: EtcdCallError | undefined;
    const stream = this.#request(method.path, token, (error) => (failure = error));
    if (!stream) throw failure ?? unsent(this.url);
    const { promise, resolve } = Promise.withResolvers<EtcdCallError>();
    const { cancel } = this.#statusOf(stream, (error) =>
      resolve(error ?? new EtcdCallError(`etcd at ${this.url} ended the stream`)),
    );
    return {
      send: (request) => void stream.write(frameOf(method.request.encode(request))),
      cancel,
      listen: ({ answer, ended }) => {
        const frames = new FrameReader();
        stream.on('data', (chunk: Buffer) => {
          this.#heard = this.#clock.monotonic();
          for (const message of frames.read(chunk)) answer(method.response.decode(message));
        });
        void promise.then(ended);
      },
    };
  }

  #request(
    path: string,
    token: string | undefined,
    refused: (error: EtcdCallError) => void,
  ): ClientHttp2Stream | undefined {
    if (this.#session.closed || this.#session.destroyed) {
      refused(unsent(this.url));
      return undefined;
    }
    const stream = this.#session.request({
      [HTTP2_HEADER_METHOD]: 'POST',
      [HTTP2_HEADER_PATH]: path,
      'content-type': 'application/grpc',
      te: 'trailers',
      // A member without a leader then says so instead of letting everything wait. Source: etcd's rpctypes/metadatafields.go.
      hasleader: 'true',
      ...(token === undefined ? {} : { token }),
    });
    this.#open++;
    this.#watchdog ??= this.#watch();
    stream.once('close', () => this.#open--);
    return stream;
  }

  /** Calls `done` once, when the call is over: without an error if etcd said that all is well. */
  #statusOf(stream: ClientHttp2Stream, done: (error?: EtcdCallError) => void): { readonly cancel: () => void } {
    let over = false;
    let failure: Error | undefined;
    let headers: Record<string, unknown> = {};
    const finish = (otherwise?: EtcdCallError): void => {
      const code = headers['grpc-status'];
      if (over || (code === undefined && !otherwise)) return;
      over = true;
      done(
        code === '0'
          ? undefined
          : typeof code === 'string'
            ? callErrorOf(Number(code), textOf(headers['grpc-message']), this.url)
            : otherwise,
      );
    };
    stream.on('response', (found) => (headers = found));
    stream.on('trailers', (found) => (headers = found));
    stream.on('end', () => {
      this.#heard = this.#clock.monotonic();
      finish();
    });
    stream.on('error', (error) => (failure = error));
    stream.on('close', () => {
      if (!over) finish(failure instanceof EtcdCallError ? failure : this.#broken(stream, failure));
    });
    return { cancel: () => stream.close(NGHTTP2_CANCEL) };
  }

  #broken(stream: ClientHttp2Stream, cause: unknown): EtcdCallError {
    // Either never left this process, or etcd promises to have done nothing about it.
    if (stream.pending || stream.rstCode === NGHTTP2_REFUSED_STREAM) return unsent(this.url, cause);
    return new EtcdCallError(`the connection to etcd at ${this.url} broke before the answer came`, {}, cause);
  }

  /** While calls are open and nothing arrives, asks for a sign of life. */
  #watch(): Disposable {
    return this.#clock.after(pingInterval, () => {
      this.#watchdog = undefined;
      if (this.#open === 0 || this.#session.destroyed) return;
      this.#watchdog = this.#watch();
      if (this.#clock.monotonic() - this.#heard < pingInterval) return;
      const late = this.#clock.after(pingTimeout, () =>
        this.destroy(new EtcdCallError(`etcd at ${this.url} does not answer`)),
      );
      this.#session.ping(() => late[Symbol.dispose]());
    });
  }
}

function open(url: string, tls: EtcdTls | undefined): ClientHttp2Session {
  const [, scheme, rest = ''] = /^(https?|unix):\/\/(.+?)\/?$/.exec(url) ?? [];
  if (scheme === undefined)
    throw new StoreError('unavailable', `${url} is no endpoint of etcd: it looks like https://127.0.0.1:2379`);
  // Node's default would end a session that holds ten megabytes.
  const options = { maxSessionMemory: 10_000, settings: { initialWindowSize: windowSize, enablePush: false } };
  if (scheme === 'unix')
    return connectHttp2('http://localhost', { ...options, createConnection: () => connectSocket(rest) });
  const { ca, cert, key } = tls ?? {};
  return connectHttp2(`${scheme}://${rest}`, scheme === 'https' ? { ...options, ca, cert, key } : options);
}

function unsent(url: string, cause?: unknown): EtcdCallError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new EtcdCallError(`no connection to etcd at ${url}${reason}`, { outcome: 'unsent' }, cause);
}

/** The one message of an answer. */
function messageOf<R>(codec: Codec<R>, parts: readonly Buffer[]): R {
  const [first = Buffer.alloc(0), ...others] = parts;
  for (const message of new FrameReader().read(others.length === 0 ? first : Buffer.concat(parts)))
    return codec.decode(message);
  throw new Error('the answer is empty');
}

/** gRPC percent-encodes what is not ASCII. */
function textOf(message: unknown): string {
  if (typeof message !== 'string') return 'no reason given';
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
