import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import type { WebSocket } from 'ws';
import { messageOf } from '../../base/errors.ts';
import { portForwardProtocol, portForwardTunnel } from './port-forward-client.ts';
import { relay } from './relay-sockets.ts';
import type { RelayOptions } from './relay-sockets.ts';
import { SpdyConnection } from './spdy/spdy-connection.ts';
import type { SpdyStream } from './spdy/spdy-stream.ts';
import { acceptSpdy } from './spdy/spdy-upgrade.ts';
import { upgradeKind } from './upgrade-response.ts';
import type { IncomingUpgrade } from './upgrade-response.ts';
import { acceptWebSocket } from './websocket-upgrade.ts';

/** Opens a connection to a port of the pod. Its rejection's message is what the client sees. */
export type PortDialer = (port: number) => Promise<Duplex>;

/**
 * Serves a port-forward over SPDY, plain or inside WebSocket messages, by `dial`: for a runtime without a streaming
 * server of its own. Resolves when the client has gone; never rejects.
 */
export async function servePortForward(
  upgrade: IncomingUpgrade,
  dial: PortDialer,
  options: RelayOptions = {},
): Promise<void> {
  const pairs = new StreamPairs((pair) => void forward(pair, dial, options));
  const onStream = (stream: SpdyStream): boolean => pairs.add(stream);
  const connection = await accept(upgrade, onStream);
  if (!connection) return;
  const cut = (): void => connection.destroy();
  options.signal?.addEventListener('abort', cut, { once: true });
  await connection.closed;
  options.signal?.removeEventListener('abort', cut);
}

async function accept(
  upgrade: IncomingUpgrade,
  onStream: (stream: SpdyStream) => boolean,
): Promise<SpdyConnection | undefined> {
  if (upgradeKind(upgrade.request) !== 'websocket') {
    return acceptSpdy(upgrade, { protocols: [portForwardProtocol], onStream })?.connection;
  }
  const session = await acceptWebSocket(upgrade, [portForwardTunnel]);
  return session && new SpdyConnection(tunnelStream(session.socket), { role: 'server', onStream });
}

/** The bytes inside a WebSocket's messages as a stream. */
export function tunnelStream(socket: WebSocket): Duplex {
  const stream = createWebSocketStream(socket);
  stream.on('error', () => undefined);
  return stream;
}

interface StreamPair {
  readonly port: number;
  readonly data: SpdyStream;
  readonly error: SpdyStream;
}

async function forward({ port, data, error }: StreamPair, dial: PortDialer, options: RelayOptions): Promise<void> {
  try {
    const target = await dial(port);
    await relay(data, target, options);
    error.end();
  } catch (failure) {
    error.end(`error forwarding port ${port} to pod: ${messageOf(failure)}`);
    data.destroy();
  }
  error.resume();
}

/** Joins the data and error streams that carry the same request id. */
class StreamPairs {
  readonly #complete: (pair: StreamPair) => void;
  readonly #half = new Map<string, SpdyStream>();

  constructor(complete: (pair: StreamPair) => void) {
    this.#complete = complete;
  }

  /** Refuses a stream whose headers make no sense. */
  add(stream: SpdyStream): boolean {
    const type = stream.header('streamtype');
    const port = Number(stream.header('port'));
    if ((type !== 'data' && type !== 'error') || !Number.isInteger(port) || port < 1 || port > 65_535) return false;
    // Clients of old send no id; their data stream follows its error stream.
    const id = stream.header('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2);
    const other = this.#half.get(id);
    if (other) {
      if (other.header('streamtype') === type) return false;
      this.#half.delete(id);
      this.#complete(type === 'data' ? { port, data: stream, error: other } : { port, data: other, error: stream });
    } else {
      this.#half.set(id, stream);
      stream.once('close', () => {
        if (this.#half.get(id) === stream) this.#half.delete(id);
      });
    }
    return true;
  }
}
