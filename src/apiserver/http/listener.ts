import { createServer as createHttp1Server } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { ServerHttp2Session } from 'node:http2';
import { DEFAULT_CIPHERS, createServer as createTlsServer } from 'node:tls';
import type { TLSSocket, Server as TlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../base/system-clock.ts';
import type { Exchange } from './exchange.ts';
import { H1Exchange } from './h1-exchange.ts';
import { H2Exchange } from './h2-exchange.ts';

/** The server's own certificate, and the authorities whose client certificates it believes; PEM. */
export interface ServerTls {
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
}

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
  const h2 = createHttp2Server({
    settings: { maxConcurrentStreams: 1000, initialWindowSize: 1024 * 1024 },
    maxSessionMemory,
  });
  h2.on('stream', (stream, headers, _flags, raw) => handler.handle(new H2Exchange(stream, headers, raw)));
  h2.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  const h1 = createHttp1Server({ keepAliveTimeout: 90_000 }, (request, response) =>
    handler.handle(new H1Exchange(request, response)),
  );
  h1.on('upgrade', (request, socket, head) => handler.handleUpgrade({ request, socket, head }));
  const tls = createTlsServer({
    ...tlsOptions(options.tls),
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: true,
    // Tokens and anonymous users come without a certificate; what is presented is judged by the authenticators.
    rejectUnauthorized: false,
  });
  tls.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    // A node that lost its power says no good-bye; its watches must not stay for ever.
    socket.setKeepAlive(true, keepAliveDelay);
    (socket.alpnProtocol === 'h2' ? h2 : h1).emit('connection', socket);
  });
  // Port scanners and clients that do not trust us are not worth a line.
  tls.on('tlsClientError', () => undefined);
  await listening(tls, options);
  return {
    port: (tls.address() as AddressInfo).port,
    renew: (renewed) => tls.setSecureContext(tlsOptions(renewed)),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()));
      for (const session of sessions) session.close();
      h1.closeIdleConnections();
      using _timer = systemClock.after(closingTime, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
    },
  };
}

/** Node's ciphers with the quickest one first, as Go's servers have it. */
const quickest = 'TLS_AES_128_GCM_SHA256';
const ciphers = [quickest, ...DEFAULT_CIPHERS.split(':').filter((name) => name !== quickest)].join(':');

function tlsOptions({ cert, key, clientCa }: ServerTls): {
  cert: string | Buffer;
  key: string | Buffer;
  ca: (string | Buffer)[];
  ciphers: string;
} {
  return { cert, key, ca: Array.isArray(clientCa) ? [...clientCa] : [clientCa as string | Buffer], ciphers };
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
