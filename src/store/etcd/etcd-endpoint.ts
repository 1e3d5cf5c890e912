import {
  Client,
  type ClientDuplexStream,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Clock } from '../../base/clock.ts';
import { StoreError } from '../store.ts';
import { callErrorOf, EtcdCallError } from './etcd-error.ts';
import {
  etcdMethods,
  type EtcdHeader,
  type EtcdMethod,
  type EtcdStatus,
  type EtcdWatchAnswer,
  type EtcdWatchRequest,
} from './etcd-messages.ts';

/** Certificates, PEM, for endpoints that begin with `https:`. */
export interface EtcdTls {
  /** Whom to trust; default: the authorities that the system knows. */
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

/** What an endpoint is made of. */
export interface EtcdEndpointOptions {
  /** `http://host:port`, `https://host:port` or `unix:///path`. */
  readonly url: string;
  readonly tls?: EtcdTls | undefined;
  readonly clock: Clock;
}

/** How one call is made. */
export interface EtcdCallOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A stream of watches. */
export type EtcdWatchCall = ClientDuplexStream<EtcdWatchRequest, EtcdWatchAnswer>;

/** How long a connection may take to come about, and a member to say how it does, in ms. */
const connectTimeout = 1_500;
const silence = 2_000;
/** After this many ms without an answer, whether the member still lives and whom it follows is asked, and again each `askAgain`. */
const patience = 1_000;
const askAgain = 500;
/** etcd closes the connection to who pings more often than every 5 s. */
const keepaliveTime = 6_000;
const keepaliveTimeout = 3_000;
const unlimited = -1;

/** One member of etcd, as a client sees it: a connection that is made when needed and given up when the member is silent. */
export class EtcdEndpoint implements Disposable {
  readonly url: string;
  readonly #options: EtcdEndpointOptions;
  readonly #clock: Clock;
  readonly #active = new Set<(error: EtcdCallError) => void>();
  #client: Client | undefined;
  #settled: Promise<void> | undefined;
  #probe: Promise<EtcdStatus | undefined> | undefined;
  /** The newest term of office of a leader that this member has named. */
  #term = 0;
  /** The last one that was shown. */
  #token: string | undefined;

  constructor(options: EtcdEndpointOptions) {
    this.url = options.url;
    this.#options = options;
    this.#clock = options.clock;
  }

  [Symbol.dispose](): void {
    this.#abandon(new EtcdCallError('the store is closed'));
  }

  /** One request, one answer. Rejects with an `EtcdCallError`, or with the signal's reason. */
  async call<Q, R extends { readonly header: EtcdHeader }>(
    method: EtcdMethod<Q, R>,
    request: Q,
    options: EtcdCallOptions,
  ): Promise<R> {
    const client = await this.#connected();
    options.signal?.throwIfAborted();
    this.#token = options.token;
    const answer = await this.#send(client, method, request, options);
    if (answer.header.raftTerm > this.#term) this.#term = answer.header.raftTerm;
    return answer;
  }

  /** Opens a stream of watches, which ends with an error when the member loses its leader or is silent. */
  async watch(token: string | undefined): Promise<EtcdWatchCall> {
    const client = await this.#connected();
    this.#token = token;
    const { path, request, response } = etcdMethods.watch;
    const call = client.makeBidiStreamRequest(path, request.encode, response.decode, headers(token));
    const end = (): void => call.cancel();
    this.#active.add(end);
    call.once('status', () => this.#active.delete(end));
    return call;
  }

  /**
   * How the member does, undefined if it does not tell this user; those who ask at the same time share the answer. The connection
   * to a silent one is given up.
   */
  status(): Promise<EtcdStatus | undefined> {
    this.#probe ??= this.#askStatus().finally(() => (this.#probe = undefined));
    return this.#probe;
  }

  async #askStatus(): Promise<EtcdStatus | undefined> {
    const client = await this.#connected();
    using _timer = this.#clock.after(silence, () => {
      if (client === this.#client) this.#abandon(new EtcdCallError(`etcd at ${this.url} does not answer`));
    });
    try {
      return await this.#send(client, etcdMethods.status, {}, undefined);
    } catch (error) {
      if (error instanceof EtcdCallError && (error.outcome === 'refused' || error.needsToken)) return undefined;
      throw error;
    }
  }

  async #send<Q, R>(
    client: Client,
    method: EtcdMethod<Q, R>,
    request: Q,
    options: EtcdCallOptions | undefined,
  ): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const { encode } = method.request;
    const { decode } = method.response;
    const answered = (error: ServiceError | null, answer?: R): void => {
      if (error) reject(callErrorOf(error, this.url));
      else if (answer !== undefined) resolve(answer);
    };
    const call = client.makeUnaryRequest(
      method.path,
      encode,
      decode,
      request,
      headers(options ? options.token : this.#token),
      answered,
    );
    const end = (error: unknown): void => {
      reject(error);
      call.cancel();
    };
    this.#active.add(end);
    using _limit = options && this.#limit(options, end);
    try {
      return await promise;
    } finally {
      this.#active.delete(end);
    }
  }

  /** Ends a call with its signal, with its time, or when the leader whose help it needed is no more. */
  #limit({ signal, timeout }: EtcdCallOptions, end: (error: unknown) => void): Disposable {
    const aborted = (): void => end(signal?.reason);
    signal?.addEventListener('abort', aborted, { once: true });
    const late = this.#clock.after(timeout, () =>
      end(new EtcdCallError(`etcd at ${this.url} has not answered within ${timeout} ms`)),
    );
    let over = false;
    let known = this.#term;
    const doubt = async (): Promise<void> => {
      // A silent member ends the call by itself: its connection is given up.
      const { leader = 0n, raftTerm = 0 } = (await this.status()) ?? {};
      // What was on its way to the old leader is lost, unless it was carried out and its answer comes within the pause.
      if (leader !== 0n && raftTerm > (known ||= raftTerm)) {
        const message = `etcd at ${this.url} has another leader than when the request was sent`;
        if (!over) next = this.#clock.after(askAgain, () => end(new EtcdCallError(message, { answering: true })));
      } else if (!over) next = this.#clock.after(askAgain, ask);
    };
    const ask = (): void => void doubt().catch(() => undefined);
    let next = this.#clock.after(patience, ask);
    return {
      [Symbol.dispose]: () => {
        over = true;
        signal?.removeEventListener('abort', aborted);
        late[Symbol.dispose]();
        next[Symbol.dispose]();
      },
    };
  }

  /** The client, once its connection is there or has failed; a call on one that failed says why. */
  async #connected(): Promise<Client> {
    const client = (this.#client ??= connect(this.#options));
    if (client.getChannel().getConnectivityState(true) === connectivityState.READY) return client;
    this.#settled ??= this.#settle(client).finally(() => (this.#settled = undefined));
    await this.#settled;
    return client;
  }

  async #settle(client: Client): Promise<void> {
    const channel = client.getChannel();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (client !== this.#client) return reject(unsent(`the connection to etcd at ${this.url} was given up`));
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY || state === connectivityState.TRANSIENT_FAILURE) resolve();
      else channel.watchConnectivityState(state, Infinity, look);
    };
    using _timer = this.#clock.after(connectTimeout, () => {
      reject(unsent(`no connection to etcd at ${this.url} within ${connectTimeout} ms`));
      this.#abandon(unsent(`etcd at ${this.url} cannot be reached`));
    });
    look();
    await promise;
  }

  /** Gives up the connection with all that is under way on it; the next call makes a new one. */
  #abandon(error: EtcdCallError): void {
    this.#client?.close();
    this.#client = undefined;
    this.#settled = undefined;
    for (const end of this.#active) end(error);
  }
}

function unsent(message: string): EtcdCallError {
  return new EtcdCallError(message, { outcome: 'unsent' });
}

function headers(token: string | undefined): Metadata {
  const metadata = new Metadata();
  // A member without a leader then says so instead of letting everything wait. Source: etcd's rpctypes/metadatafields.go.
  metadata.set('hasleader', 'true');
  if (token !== undefined) metadata.set('token', token);
  return metadata;
}

function connect({ url, tls = {} }: EtcdEndpointOptions): Client {
  const [, scheme, rest = ''] = /^(https?|unix):\/\/(.+?)\/?$/.exec(url) ?? [];
  if (scheme === undefined)
    throw new StoreError('unavailable', `etcd's endpoint ${url} is none: it looks like https://127.0.0.1:2379`);
  const address = scheme === 'unix' ? `unix://${rest}` : rest.startsWith('[') ? `ipv6:${rest}` : rest;
  const pem = (text: string | Buffer | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  const secrets =
    scheme === 'https' ? credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert)) : credentials.createInsecure();
  return new Client(address, secrets, {
    'grpc.keepalive_time_ms': keepaliveTime,
    'grpc.keepalive_timeout_ms': keepaliveTimeout,
    'grpc.max_receive_message_length': unlimited,
    'grpc.max_send_message_length': unlimited,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // A write that may have arrived is not sent twice.
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc-node.flow_control_window': 4 * 1024 * 1024,
  });
}
