import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { StoreError } from '../store.ts';
import { EtcdEndpoint } from './etcd-endpoint.ts';
import { EtcdCallError, storeErrorOf } from './etcd-error.ts';
import { etcdMethods, type EtcdHeader, type EtcdMethod } from './etcd-messages.ts';
import type { EtcdTls } from './grpc-session.ts';

/** Where etcd is and as whom to speak to it. */
export interface EtcdConnectionOptions {
  /** `http://host:port`, `https://host:port` or `unix:///path`, in the order in which they are tried. */
  readonly endpoints: readonly string[];
  readonly tls?: EtcdTls | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds after which a request is given up, all endpoints and attempts together. Default: 10,000. */
  readonly requestTimeout?: number | undefined;
}

/** What may be done about a request whose outcome is unknown. `read`: ask again. `write`: report it. */
export type EtcdRequestKind = 'read' | 'write';

/** An endpoint that failed is left alone for so long, in ms, while others are there. */
const restTime = 2_000;
const pauseBetweenRounds = 100;

/** All members of etcd. One is spoken to until it fails; then the next takes its place. */
export class EtcdConnection implements Disposable {
  readonly #endpoints: readonly EtcdEndpoint[];
  readonly #options: EtcdConnectionOptions;
  readonly #clock: Clock;
  readonly #timeout: number;
  /** Until when, on the monotonic clock, an endpoint that failed rests. */
  readonly #resting = new Map<EtcdEndpoint, number>();
  #current: EtcdEndpoint | undefined;
  #token: Promise<string> | undefined;
  #closed = false;

  constructor(options: EtcdConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#timeout = options.requestTimeout ?? 10_000;
    const { tls, clock } = options;
    const doubted = (): void => this.#checkAll();
    this.#endpoints = options.endpoints.map((url) => new EtcdEndpoint({ url, tls, clock }, doubted));
    if (this.#endpoints.length === 0) throw new StoreError('unavailable', 'no endpoint of etcd was given');
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const endpoint of this.#endpoints) endpoint[Symbol.dispose]();
  }

  /**
   * Sends a request to one endpoint after the other until one answers. Rejects with a `StoreError`, of kind `uncertain` if a
   * write may have been carried out, or with the signal's reason.
   */
  async request<Q, R extends { readonly header: EtcdHeader }>(
    kind: EtcdRequestKind,
    method: EtcdMethod<Q, R>,
    request: Q,
    signal?: AbortSignal,
  ): Promise<R> {
    const end = this.#clock.monotonic() + this.#timeout;
    for (;;) {
      let failure: EtcdCallError | undefined;
      for (const endpoint of this.inTurn()) {
        const timeout = Math.ceil(end - this.#clock.monotonic());
        if (timeout <= 0) break;
        signal?.throwIfAborted();
        if (this.#closed) throw closedError();
        try {
          const token = await this.token(endpoint);
          const answer = await endpoint.call(method, request, { timeout, token, signal });
          this.succeeded(endpoint);
          return answer;
        } catch (error) {
          if (!(error instanceof EtcdCallError)) throw error;
          failure = error;
          this.#judge(kind, endpoint, error);
        }
      }
      if (this.#clock.monotonic() + pauseBetweenRounds >= end)
        throw storeErrorOf(failure ?? new EtcdCallError('etcd has not answered in time'));
      await this.#clock.sleep(pauseBetweenRounds, signal);
    }
  }

  /** The endpoints in the order in which to try them: the one in use first, those that failed of late last, the latest last of all. */
  inTurn(): readonly EtcdEndpoint[] {
    if (this.#resting.size === 0 && this.#current === this.#endpoints[0]) return this.#endpoints;
    const now = this.#clock.monotonic();
    const first = Math.max(0, this.#current ? this.#endpoints.indexOf(this.#current) : 0);
    const turned = [...this.#endpoints.slice(first), ...this.#endpoints.slice(0, first)];
    const until = (endpoint: EtcdEndpoint): number => Math.max(now, this.#resting.get(endpoint) ?? 0);
    return turned.sort((one, other) => until(one) - until(other));
  }

  /** The endpoint answers. */
  succeeded(endpoint: EtcdEndpoint): void {
    this.#current = endpoint;
    if (this.#resting.size > 0) this.#resting.delete(endpoint);
  }

  /** The endpoint has failed: others are tried before it for a while. */
  failed(endpoint: EtcdEndpoint, error: unknown): void {
    if (!this.#resting.has(endpoint))
      this.#options.log.warning('An endpoint of etcd failed', { endpoint: endpoint.url, error });
    this.#resting.set(endpoint, this.#clock.monotonic() + restTime);
  }

  /** What a user with a password shows; undefined without one. */
  async token(endpoint: EtcdEndpoint): Promise<string | undefined> {
    const { username: name, password } = this.#options;
    if (name === undefined || password === undefined) return undefined;
    this.#token ??= this.#authenticate(endpoint, name, password);
    const token = this.#token;
    try {
      return await token;
    } catch (error) {
      this.forgetToken(token);
      // Whatever became of the question, the request that needed the answer was not sent.
      if (!(error instanceof EtcdCallError) || error.outcome !== 'unknown') throw error;
      throw new EtcdCallError(error.message, { outcome: 'unsent' }, error);
    }
  }

  /** The next call asks for a token anew. */
  forgetToken(old = this.#token): void {
    if (this.#token === old) this.#token = undefined;
  }

  async #authenticate(endpoint: EtcdEndpoint, name: string, password: string): Promise<string> {
    const { token } = await endpoint.call(etcdMethods.authenticate, { name, password }, { timeout: this.#timeout });
    return token;
  }

  /** One member lets a request wait: whether others are silent too is found out meanwhile, not one after the other. */
  #checkAll(): void {
    for (const endpoint of this.#endpoints) {
      endpoint.check().catch((error: unknown) => {
        if (!this.#closed) this.failed(endpoint, error);
      });
    }
  }

  /** Throws unless the request may be sent again. */
  #judge(kind: EtcdRequestKind, endpoint: EtcdEndpoint, error: EtcdCallError): void {
    if (error.outcome === 'refused') throw storeErrorOf(error);
    if (error.needsToken) this.forgetToken();
    else if (!error.answering) this.failed(endpoint, error);
    if (error.outcome === 'unknown' && kind === 'write') {
      throw new StoreError('uncertain', `${error.message}; whether it was written is not known`, { cause: error });
    }
  }
}

/** The error of whoever asks a store that was disposed of. */
export function closedError(): StoreError {
  return new StoreError('unavailable', 'the store is closed');
}
