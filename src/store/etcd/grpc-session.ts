import {
  Client,
  type ClientUnaryCall,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Clock } from '../../base/clock.ts';
import { StoreError } from '../store.ts';
import { callErrorOf, EtcdCallError } from './etcd-error.ts';
import type { EtcdMethod } from './etcd-messages.ts';

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
  /** Gives up. */
  cancel(): void;
}

/** Requests and answers, any number of each, until one side ends it. */
export interface GrpcStream<Q, R> {
  send(request: Q): void;
  cancel(): void;
  /** `ended` is called once. */
  listen(listener: { answer(answer: R): void; ended(error: EtcdCallError): void }): void;
}

/** etcd closes the connection to who pings more often than every 5 s; a ping must be answered within the timeout. */
const keepaliveTime = 6_000;
const keepaliveTimeout = 3_000;
const unlimited = -1;
/** How long calls that met a broken connection may take to say so, in ms. */
const leavingTime = 1_000;

const { READY, TRANSIENT_FAILURE, SHUTDOWN } = connectivityState;

/** One connection that carries calls; once it breaks it is not made again. */
export class GrpcSession {
  readonly url: string;
  /** Resolves once requests can be sent, or fail with the reason why none can. Rejects when the session is destroyed before. */
  readonly connected: Promise<void>;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #onClosed: () => void;
  /** Ends what is under way. */
  readonly #active = new Set<(error: EtcdCallError) => void>();
  #ready = false;
  #over = false;

  /** `onClosed` is called when the connection takes no more calls. */
  constructor({ url, tls, clock }: GrpcSessionOptions, onClosed: () => void) {
    this.url = url;
    this.#clock = clock;
    this.#onClosed = onClosed;
    this.#client = connect(url, tls);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.connected = promise;
    this.#active.add(reject);
    // grpc-js keeps a process alive for calls, not for a connection that calls wait for.
    const alive = setInterval(() => undefined, 60_000);
    const settled = (): void => {
      clearInterval(alive);
      this.#active.delete(reject);
    };
    promise.then(settled, settled);
    this.#follow(resolve);
  }

  /** Whether requests go out at once. */
  get ready(): boolean {
    return this.#ready && !this.#over;
  }

  /** Breaks off the connection and all that is under way on it. */
  destroy(error: EtcdCallError): void {
    this.#leave();
    this.#client.close();
    for (const end of [...this.#active]) end(error);
    this.#active.clear();
  }

  /** One request, one answer. */
  call<Q, R>(method: EtcdMethod<Q, R>, request: Q, token: string | undefined): GrpcCall<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const { encode } = method.request;
    const { decode } = method.response;
    let call: ClientUnaryCall | undefined;
    const end = (error: EtcdCallError): void => {
      reject(error);
      call?.cancel();
    };
    this.#active.add(end);
    call = this.#client.makeUnaryRequest(method.path, encode, decode, request, headers(token), (error, answer) => {
      this.#active.delete(end);
      if (error) reject(this.#failure(error));
      else if (answer !== undefined) resolve(answer);
    });
    return { answer: promise, cancel: () => call.cancel() };
  }

  /** A stream of requests and answers. */
  stream<Q, R>(method: EtcdMethod<Q, R>, token: string | undefined): GrpcStream<Q, R> {
    const { path, request, response } = method;
    const call = this.#client.makeBidiStreamRequest(path, request.encode, response.decode, headers(token));
    const { promise, resolve } = Promise.withResolvers<EtcdCallError>();
    const end = (error: EtcdCallError): void => {
      resolve(error);
      call.cancel();
    };
    this.#active.add(end);
    call.on('error', (error: ServiceError) => resolve(this.#failure(error)));
    call.on('status', () => {
      this.#active.delete(end);
      resolve(new EtcdCallError(`etcd at ${this.url} ended the stream`));
    });
    return {
      send: (message) => void call.write(message),
      cancel: () => call.cancel(),
      listen: ({ answer, ended }) => {
        call.on('data', answer);
        void promise.then(ended);
      },
    };
  }

  #failure({ code, details, message }: ServiceError): EtcdCallError {
    return callErrorOf(code, details || message, this.url);
  }

  /** Watches the connection come about, and break. */
  #follow(connected: () => void): void {
    const channel = this.#client.getChannel();
    const look = (): void => {
      if (this.#over) return;
      const state = channel.getConnectivityState(true);
      if (state === READY) {
        this.#ready = true;
        connected();
      }
      if (state === TRANSIENT_FAILURE || state === SHUTDOWN || (this.#ready && state !== READY)) {
        // Calls that wait for the connection find out by themselves what is wrong with it.
        connected();
        return this.#leave();
      }
      channel.watchConnectivityState(state, Infinity, look);
    };
    look();
  }

  /** Takes no more calls. */
  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onClosed();
    this.#clock.after(leavingTime, () => this.#client.close());
  }
}

function headers(token: string | undefined): Metadata {
  const metadata = new Metadata();
  // A member without a leader then says so instead of letting everything wait. Source: etcd's rpctypes/metadatafields.go.
  metadata.set('hasleader', 'true');
  if (token !== undefined) metadata.set('token', token);
  return metadata;
}

function connect(url: string, tls: EtcdTls = {}): Client {
  const [, scheme, rest = ''] = /^(https?|unix):\/\/(.+?)\/?$/.exec(url) ?? [];
  if (scheme === undefined)
    throw new StoreError('unavailable', `${url} is no endpoint of etcd: it looks like https://127.0.0.1:2379`);
  const address = scheme === 'unix' ? `unix://${rest}` : rest.startsWith('[') ? `ipv6:${rest}` : rest;
  const pem = (text: string | Buffer | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  const secrets =
    scheme === 'https' ? credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert)) : credentials.createInsecure();
  return new Client(address, secrets, {
    'grpc.keepalive_time_ms': keepaliveTime,
    'grpc.keepalive_timeout_ms': keepaliveTimeout,
    'grpc.max_receive_message_length': unlimited,
    'grpc.max_send_message_length': unlimited,
    // A write that may have arrived is not sent twice.
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc-node.flow_control_window': 16 * 1024 * 1024,
  });
}
