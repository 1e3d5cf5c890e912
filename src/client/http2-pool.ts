import { connect, constants } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import type { Clock } from '../base/clock.ts';
import type { Connection } from './connection.ts';
import { tlsOptionsOf } from './connection.ts';

/** Streams after which a further session is opened, below what servers usually allow (upstream: 100). */
const streamsPerSession = 90;
const connectTimeout = 10_000;
/** A watch on a connection that is dead without a word is noticed within five seconds. */
const pingEvery = 2_000;
const pingTimeout = 2_500;
/** Once more, for a process that was kept from work itself: the answer may lie unread in the socket. */
const pingGrace = 250;
/** How long requests may go on over a session whose certificate was replaced; watches do not end by themselves. */
const retirement = 30_000;

interface Entry {
  readonly session: ClientHttp2Session;
  readonly ready: Promise<void>;
  streams: number;
}

/** A session with room for a stream; `release` when the stream has closed. */
export interface Lease {
  readonly session: ClientHttp2Session;
  readonly server: URL;
  release(): void;
}

/** HTTP/2 sessions to the servers of one connection: reused, watched by pings, replaced when broken. */
export class Http2Pool implements AsyncDisposable {
  readonly #servers: readonly URL[];
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry[]>();
  readonly #retiring = new Set<ClientHttp2Session>();
  /** Index of the server that answered last. */
  #preferred = 0;
  #closed = false;

  constructor(connection: Connection, clock: Clock) {
    this.#servers = connection.servers.map((server) => new URL(server));
    this.#connection = connection;
    this.#clock = clock;
  }

  /** A connected session, of the preferred server if it can be reached, else of the next. Throws the last failure. */
  async lease(): Promise<Lease> {
    let failure: unknown = new Error('no server is configured');
    for (let i = 0; i < this.#servers.length; i++) {
      const index = (this.#preferred + i) % this.#servers.length;
      const server = this.#servers[index]!;
      const entry = this.#entry(server);
      entry.streams++;
      try {
        await entry.ready;
        this.#preferred = index;
        return { session: entry.session, server, release: () => void entry.streams-- };
      } catch (error) {
        entry.streams--;
        failure = error;
      }
    }
    throw failure;
  }

  /** What is asked from now on goes over new sessions; those that are open end with what is under way on them, or soon. */
  renew(): void {
    for (const { session } of [...this.#entries.values()].flat()) {
      this.#retiring.add(session);
      const end = this.#clock.after(retirement, () => session.destroy());
      session.once('close', () => {
        end[Symbol.dispose]();
        this.#retiring.delete(session);
      });
      // While it connects, somebody waits for it, who is then sent to another.
      if (session.connecting) session.once('connect', () => session.close());
      else session.close();
    }
    this.#entries.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const sessions = [...[...this.#entries.values()].flat().map(({ session }) => session), ...this.#retiring];
    await Promise.all(sessions.filter((session) => !session.destroyed).map(closed));
  }

  #entry(server: URL): Entry {
    if (this.#closed) throw new Error('the client is closed');
    const entries = this.#entries.get(server.origin) ?? [];
    this.#entries.set(server.origin, entries);
    const free = entries.find(
      ({ session, streams }) => !session.closed && !session.destroyed && streams < limitOf(session),
    );
    if (free) return free;
    const entry = this.#open(server);
    entries.push(entry);
    entry.session.once('close', () => this.#forget(entries, entry));
    entry.session.once('goaway', () => this.#forget(entries, entry));
    return entry;
  }

  #forget(entries: Entry[], entry: Entry): void {
    const at = entries.indexOf(entry);
    if (at >= 0) entries.splice(at, 1);
  }

  #open(server: URL): Entry {
    const session = connect(server.origin, { ...tlsOptionsOf(this.#connection), ALPNProtocols: ['h2'] });
    const ready = new Promise<void>((resolve, reject) => {
      const deadline = this.#clock.after(connectTimeout, () => {
        const late = new Error(`dial tcp ${server.host}: i/o timeout`);
        session.destroy(late);
        // Of the end of a session that was still connecting, Node tells nobody.
        reject(late);
      });
      session.once('connect', () => {
        deadline[Symbol.dispose]();
        resolve();
      });
      // Stays subscribed: an error on an established session reaches its streams by itself.
      session.on('error', (error) => {
        deadline[Symbol.dispose]();
        reject(error);
      });
      session.once('close', () => {
        deadline[Symbol.dispose]();
        reject(new Error(`connection to ${server.host} closed`));
      });
    });
    ready.catch(() => undefined);
    this.#keepAlive(session);
    return { session, ready, streams: 0 };
  }

  /** Finds out that a peer is gone without a word, within `pingEvery + pingTimeout + pingGrace`. */
  #keepAlive(session: ClientHttp2Session): void {
    let timer: Disposable | undefined;
    const ping = (): void => {
      if (session.closed || session.destroyed) return;
      const lost = (): void => session.destroy(new Error('http2: client connection lost'));
      timer = this.#clock.after(pingTimeout, () => void (timer = this.#clock.after(pingGrace, lost)));
      session.ping((error) => {
        timer?.[Symbol.dispose]();
        if (!error && !session.closed && !session.destroyed) timer = this.#clock.after(pingEvery, ping);
      });
    };
    session.once('connect', () => void (timer = this.#clock.after(pingEvery, ping)));
    session.once('close', () => timer?.[Symbol.dispose]());
  }
}

async function closed(session: ClientHttp2Session): Promise<void> {
  if (session.connecting) return session.destroy();
  await new Promise<void>((resolve) => {
    session.once('close', () => resolve());
    session.destroy();
  });
}

function limitOf(session: ClientHttp2Session): number {
  return Math.min(streamsPerSession, session.remoteSettings?.maxConcurrentStreams ?? streamsPerSession);
}

/** Whether a stream failed before the server looked at the request, so that repeating it is safe. */
export function wasRefused(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_HTTP2_GOAWAY_SESSION' || code === refusedStream || code === 'ERR_HTTP2_INVALID_SESSION';
}

const refusedStream = constants.NGHTTP2_REFUSED_STREAM;
