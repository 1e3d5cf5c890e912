import { Agent } from 'node:https';
import { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { StatusError } from '../../base/errors.ts';
import { refusalOf } from './upgrade-request.ts';
import type { TlsOptions } from './upgrade-request.ts';
import { refuseUpgrade } from './upgrade-response.ts';
import type { IncomingUpgrade } from './upgrade-response.ts';

const protocolHeader = 'Sec-WebSocket-Protocol';

/** The longest message that is taken; upstream's limit. */
const maxMessage = 32 * 1024 * 1024;

/** A WebSocket and the subprotocol it was opened with, '' for none. */
export interface WebSocketSession {
  readonly socket: WebSocket;
  readonly protocol: string;
}

/** The subprotocols that a client offers, best first. */
export function offeredProtocols({ request }: Pick<IncomingUpgrade, 'request'>): string[] {
  const header = request.headers[protocolHeader.toLowerCase()] ?? '';
  return String(header)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * Answers a WebSocket upgrade request with the first offered subprotocol that is in `protocols`; '' there stands for a
 * client that offers none. Undefined when nothing is common: the request has then been refused.
 */
export async function acceptWebSocket(
  upgrade: IncomingUpgrade,
  protocols: readonly string[],
): Promise<WebSocketSession | undefined> {
  const offered = offeredProtocols(upgrade);
  const protocol =
    offered.length === 0 && protocols.includes('') ? '' : offered.find((name) => protocols.includes(name));
  if (protocol === undefined) {
    const message = `unable to upgrade: none of the offered subprotocols [${offered.join(' ')}] is served here [${protocols.join(' ')}]`;
    refuseUpgrade(upgrade.socket, new StatusError('BadRequest', message));
    return undefined;
  }
  const { request, socket, head } = upgrade;
  if (socket.destroyed) return undefined;
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessage });
  // ws refuses names like SPDY/3.1+portforward.k8s.io, which are no tokens: it does not get to see them.
  delete request.headers[protocolHeader.toLowerCase()];
  if (protocol !== '') server.on('headers', (headers) => headers.push(`${protocolHeader}: ${protocol}`));
  return new Promise((resolve) => {
    socket.once('close', () => resolve(undefined));
    const idleMs = socket instanceof Socket ? socket.timeout : undefined;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      // ws switches the idle timeout off, which is not its business.
      if (idleMs !== undefined && socket instanceof Socket) socket.setTimeout(idleMs);
      resolve({ socket: webSocket, protocol });
    });
  });
}

/** Options of `dialWebSocket`. */
export interface WebSocketDialOptions {
  readonly url: URL;
  /** Subprotocols to offer, best first. */
  readonly protocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a WebSocket. `opened` is called before any message can arrive. Rejects with the Status that a server refuses
 * with, and when it can't be reached.
 */
export function dialWebSocket<T>(options: WebSocketDialOptions, opened: (session: WebSocketSession) => T): Promise<T> {
  const { url, protocols, headers, tls, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // ws refuses names like SPDY/3.1+portforward.k8s.io, which are no tokens: it does not get to see them.
    const socket = new WebSocket(url, {
      headers: { ...headers, ...(protocols.length > 0 && { [protocolHeader]: protocols.join(', ') }) },
      ...(tls && { agent: new Agent(tls) }),
      perMessageDeflate: false,
      maxPayload: maxMessage,
    });
    const abort = (): void => {
      reject(signal?.reason);
      socket.terminate();
    };
    signal?.addEventListener('abort', abort, { once: true });
    const settled = (): void => signal?.removeEventListener('abort', abort);
    socket.on('error', (error) => {
      settled();
      reject(error);
    });
    socket.on('unexpected-response', (_request, response) => {
      settled();
      refusalOf(response)
        .then(reject, reject)
        .finally(() => socket.terminate());
    });
    let protocol = '';
    socket.on('upgrade', ({ headers: answered }) => {
      protocol = String(answered[protocolHeader.toLowerCase()] ?? '');
      delete answered[protocolHeader.toLowerCase()];
    });
    socket.on('open', () => {
      settled();
      if (protocol === '' || protocols.includes(protocol)) return resolve(opened({ socket, protocol }));
      reject(
        new StatusError(
          'InternalError',
          `unable to upgrade: the server chose the subprotocol ${protocol}, which was not offered`,
        ),
      );
      socket.terminate();
    });
  });
}
