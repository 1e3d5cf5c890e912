import { createServer as createHttp1Server } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { ServerHttp2Session } from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket, TlsOptions, Server as TlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../base/system-clock.ts';
import { tlsServerOptions } from '../../machinery/x509/tls-suites.ts';
import type { TlsLimits } from '../../machinery/x509/tls-suites.ts';
import type { Exchange } from './exchange.ts';
import { H1Exchange } from './h1-exchange.ts';
import { H2Exchange } from './h2-exchange.ts';
import { forgetEndedStreams } from './open-streams.ts';

/** The server's own certificate, and the authorities whose client certificates it believes; PEM. */
export interface ServerTls extends TlsLimits {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly clientCa: string | Buffer | readonly (string | Buffer)[];
}

/** An HTTP/1.1 request that asks for another protocol. */
export interface UpgradeExchange {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Who answers. Neither may throw or reject. */
export interface RequestHandler {
  handle(exchange: Exchange): void;
  handleUpgrade(upgrade: UpgradeExchange): void;
}

/** Where to listen. Port 0 takes a free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ServerTls;
  readonly limits?: Partial<ConnectionLimits> | undefined;
}

/** What one connection may do. */
export interface ConnectionLimits {
  /** Requests at a time. Source: --http2-max-streams-per-connection. */
  readonly streams: number;
  /** Milliseconds for a handshake, and for the headers of a request. Source: apiserver's ReadHeaderTimeout. */
  readonly headers: number;
  /** Milliseconds without a byte after which it is closed, once nothing is under way. Source: apiserver's IdleTimeout. */
  readonly idle: number;
}

/** As upstream: what one connection sends in one go is read in one go, before anybody else is. */
const usualLimits: ConnectionLimits = { streams: 100, headers: 32_000, idle: 90_000 };

/** A port that is being listened on. Disposing stops it and ends what is under way. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Takes a renewed certificate into use for new connections. */
  renew(tls: ServerTls): void;
}

/** Megabytes that may wait in a connection; from there on Node refuses new streams on it, also of small answers. */
const maxSessionMemory = 1024;
/** Silence after which a connection is probed, in milliseconds. */
const keepAliveDelay = 30_000;
/** How long connections may take to finish what is under way. */
const closingTime = 2000;

/** Listens with TLS for HTTP/2 and HTTP/1.1 on one port. Rejects when the port can't be had. */
export async function listen(handler: RequestHandler, options: ListenOptions): Promise<Listener> {
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  const limits = { ...usualLimits, ...options.limits };
  const h2 = createHttp2Server({
    settings: { maxConcurrentStreams: limits.streams, initialWindowSize: 1024 * 1024 },
    maxSessionMemory,
  });
  h2.on('stream', (stream, headers, _flags, raw) => handler.handle(new H2Exchange(stream, headers, raw)));
  h2.on('session', (session) => {
    sessions.add(session);
    forgetEndedStreams(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => undefined);
    // What is under way goes on; a watch that is silent for so long does not lose anything.
    session.setTimeout(limits.idle, () => session.close());
  });
  const h1 = createHttp1Server(
    {
      keepAliveTimeout: limits.idle,
      headersTimeout: limits.headers,
      // How long a body may take is the request's own time limit.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(limits.headers, 5000),
    },
    (request, response) => handler.handle(new H1Exchange(request, response)),
  );
  // It does not listen itself, and would not watch over the time of the connections that it is given.
  h1.emit('listening');
  h1.on('upgrade', (request, socket, head) => handler.handleUpgrade({ request, socket, head }));
  const tls = createTlsServer({
    ...tlsOptions(options.tls),
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: true,
    // Tokens and anonymous users come without a certificate; what is presented is judged by the authenticators.
    rejectUnauthorized: false,
    handshakeTimeout: limits.headers,
  });
  tls.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    // A node that lost its power says no good-bye; its watches must not stay for ever.
    socket.setKeepAlive(true, keepAliveDelay);
    (socket.alpnProtocol === 'h2' ? h2 : h1).emit('connection', socket);
  });
  // Port scanners and clients that do not trust us are not worth a line; Node leaves those open that take too long.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  await listening(tls, options);
  return {
    port: (tls.address() as AddressInfo).port,
    renew: (renewed) => tls.setSecureContext(tlsOptions(renewed)),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()));
      for (const session of sessions) session.close();
      h1.close();
      using _timer = systemClock.after(closingTime, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
    },
  };
}

function tlsOptions({ cert, key, clientCa, ...limits }: ServerTls): TlsOptions {
  const ca = Array.isArray(clientCa) ? [...clientCa] : [clientCa as string | Buffer];
  return { cert, key, ca, ...tlsServerOptions(limits) };
}

function listening(server: TlsServer, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
