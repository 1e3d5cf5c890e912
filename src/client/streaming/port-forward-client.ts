import { createWebSocketStream } from 'ws';
import { SpdyConnection } from './spdy/spdy-connection.ts';
import { dialSpdy } from './spdy/spdy-upgrade.ts';
import type { SpdyDialOptions } from './spdy/spdy-upgrade.ts';
import type { SpdyStream } from './spdy/spdy-stream.ts';
import { dialWebSocket } from './websocket-upgrade.ts';
import type { WebSocketDialOptions } from './websocket-upgrade.ts';

/** What is spoken inside SPDY to forward ports. */
export const portForwardProtocol = 'portforward.k8s.io';

/** The WebSocket subprotocol whose messages are the bytes of a SPDY session that forwards ports. */
export const portForwardTunnel = 'SPDY/3.1+portforward.k8s.io';

/** One connection to a port of a pod. */
export interface ForwardedConnection {
  /** The connection's bytes. */
  readonly data: SpdyStream;
  /** Resolves with what went wrong at the other end; undefined if nothing did. */
  readonly error: Promise<string | undefined>;
}

/** Connections to the ports of one pod, over one session. */
export class PortForwarder implements AsyncDisposable {
  readonly #connection: SpdyConnection;
  #requests = 0;

  constructor(connection: SpdyConnection) {
    this.#connection = connection;
  }

  /** Resolves when the session is over. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  /** Opens a connection to `port`. That nothing listens there is told by `error`. */
  async connect(port: number, signal?: AbortSignal): Promise<ForwardedConnection> {
    const headers = { port: String(port), requestid: String(this.#requests++) };
    const error = await this.#connection.openStream({ ...headers, streamtype: 'error' }, { signal });
    // Nothing is ever sent on it.
    error.end();
    const message = messageFrom(error);
    try {
      return {
        data: await this.#connection.openStream({ ...headers, streamtype: 'data' }, { signal }),
        error: message,
      };
    } catch (failure) {
      error.destroy();
      throw failure;
    }
  }

  /** Cuts all connections and hangs up. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Starts forwarding over WebSocket, as kubectl does since 1.31. Rejects with the Status that the server refuses with. */
export function dialPortForward(options: Omit<WebSocketDialOptions, 'protocols'>): Promise<PortForwarder> {
  return dialWebSocket({ ...options, protocols: [portForwardTunnel] }, ({ socket }) => {
    return new PortForwarder(new SpdyConnection(createWebSocketStream(socket), { role: 'client' }));
  });
}

/** Starts forwarding over SPDY, as containerd wants it. Rejects with the Status that the server refuses with. */
export async function dialSpdyPortForward(options: Omit<SpdyDialOptions, 'protocols'>): Promise<PortForwarder> {
  return new PortForwarder((await dialSpdy({ ...options, protocols: [portForwardProtocol] })).connection);
}

function messageFrom(stream: SpdyStream): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('close', () => resolve(parts.length > 0 ? Buffer.concat(parts).toString() : undefined));
  });
}
