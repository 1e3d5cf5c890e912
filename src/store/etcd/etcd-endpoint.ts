import type { Clock } from '../../base/clock.ts';
import { EtcdCallError } from './etcd-error.ts';
import {
  etcdMethods,
  type EtcdHeader,
  type EtcdMethod,
  type EtcdStatus,
  type EtcdWatchAnswer,
  type EtcdWatchRequest,
} from './etcd-messages.ts';
import { GrpcSession, type GrpcSessionOptions, type GrpcStream } from './grpc-session.ts';

/** How one call is made. */
export interface EtcdCallOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A stream of watches. */
export type EtcdWatchCall = GrpcStream<EtcdWatchRequest, EtcdWatchAnswer>;

/**
 * How long a connection may take to come about, and a member to say how it does, in ms. With `patience`, silent members
 * cost two and a half seconds, and a second more if a connection to another has yet to be found impossible: less than the five
 * within which writing has to go on.
 */
const connectTimeout = 1_000;
const silence = 1_500;
/** After this many ms without an answer, whether the member still lives and whom it follows is asked, and again each `askAgain`. */
const patience = 1_000;
const askAgain = 500;

/** One member of etcd, as a client sees it: a connection that is made when needed and given up when the member is silent. */
export class EtcdEndpoint implements Disposable {
  readonly url: string;
  readonly #options: GrpcSessionOptions;
  readonly #clock: Clock;
  #session: GrpcSession | undefined;
  #probe: Promise<EtcdStatus | undefined> | undefined;
  /** The newest term of office of a leader that this member has named; others may know of it before this one does. */
  #term = 0;
  readonly #doubted: () => void;
  /** The last one that was shown. */
  #token: string | undefined;

  /** `doubted` is called when the member lets a request wait for long. */
  constructor(options: GrpcSessionOptions, doubted: () => void = () => undefined) {
    this.#doubted = doubted;
    this.url = options.url;
    this.#options = options;
    this.#clock = options.clock;
  }

  [Symbol.dispose](): void {
    this.#session?.destroy(new EtcdCallError('the store is closed'));
  }

  /** One request, one answer. Rejects with an `EtcdCallError`, or with the signal's reason. */
  async call<Q, R extends { readonly header: EtcdHeader }>(
    method: EtcdMethod<Q, R>,
    request: Q,
    options: EtcdCallOptions,
  ): Promise<R> {
    const { signal, token } = options;
    this.#token = token;
    const session = this.#session?.ready ? this.#session : await this.#begin();
    signal?.throwIfAborted();
    const call = session.call(method, request, token);
    const given = Promise.withResolvers<never>();
    using _limit = this.#limit(options, (error) => {
      given.reject(error);
      call.cancel();
    });
    const answer = await Promise.race([call.answer, given.promise]);
    this.#learn(answer.header.raftTerm);
    return answer;
  }

  /** Opens a stream of watches, which ends with an error when the member loses its leader or is silent. */
  async watch(token: string | undefined): Promise<EtcdWatchCall> {
    const session = await this.#connect();
    this.#token = token;
    return session.stream(etcdMethods.watch, token);
  }

  /**
   * How the member does, undefined if it does not tell this user; those who ask at the same time share the answer. The connection
   * to a silent one is given up.
   */
  status(): Promise<EtcdStatus | undefined> {
    this.#probe ??= this.#askStatus().finally(() => (this.#probe = undefined));
    return this.#probe;
  }

  /** Rejects if the member is connected and gives no sign of life. */
  async check(): Promise<void> {
    if (this.#session?.ready) await this.status();
  }

  async #askStatus(): Promise<EtcdStatus | undefined> {
    const session = await this.#connect();
    using _timer = this.#clock.after(silence, () =>
      session.destroy(new EtcdCallError(`etcd at ${this.url} does not answer`)),
    );
    try {
      const status = await session.call(etcdMethods.status, {}, this.#token).answer;
      this.#learn(status.raftTerm);
      return status;
    } catch (error) {
      if (error instanceof EtcdCallError && (error.outcome === 'refused' || error.needsToken)) return undefined;
      throw error;
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
    const ask = (): void => {
      this.#doubted();
      doubt().catch(() => {
        // While it has no leader it says nothing else.
        if (!over) next = this.#clock.after(askAgain, ask);
      });
    };
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

  /** A new connection, and whom the member follows as it is taken into use. */
  async #begin(): Promise<GrpcSession> {
    const session = await this.#connect();
    try {
      await this.status();
    } catch (error) {
      // Whatever became of the question, the request is still to be sent.
      const message = error instanceof Error ? error.message : `etcd at ${this.url} does not answer`;
      throw new EtcdCallError(message, { outcome: 'unsent' }, error);
    }
    return session;
  }

  #learn(term: number): void {
    if (term > this.#term) this.#term = term;
  }

  /** The connection, once it is there. */
  async #connect(): Promise<GrpcSession> {
    if (!this.#session) {
      const fresh: GrpcSession = new GrpcSession(this.#options, () => {
        if (this.#session === fresh) this.#session = undefined;
      });
      this.#session = fresh;
    }
    const session = this.#session;
    if (session.ready) return session;
    const late = `no connection to etcd at ${this.url} within ${connectTimeout} ms`;
    using _timer = this.#clock.after(connectTimeout, () => {
      if (!session.ready) session.destroy(new EtcdCallError(late, { outcome: 'unsent' }));
    });
    await session.connected;
    return session;
  }
}
