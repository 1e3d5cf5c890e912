import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StatusError, messageOf } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { tlsServerOptions } from '../../machinery/x509/tls-suites.ts';
import { authorizeRequest } from './request-authorization.ts';

/** What a health port is made of. */
export interface HealthServerOptions {
  readonly address: string;
  /** 0 takes any. */
  readonly port: number;
  readonly serving: KeyPair;
  /** PEM; client certificates of these authorities are believed. */
  readonly clientCA: string | undefined;
  /** Asked who a token is of. */
  readonly authentication: Client;
  /** Asked whether a user may read metrics. */
  readonly authorization: Client;
  /** The text of /metrics. */
  metrics(): string;
}

/** A health port that listens; dispose it to close it. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

const open = new Set(['/healthz', '/livez', '/readyz']);

/**
 * Serves /healthz, /livez and /readyz to everybody, and /metrics to who may GET it by RBAC, over HTTPS. Throws a
 * UsageError when the port can't be had.
 */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const { serving, clientCA } = options;
  const server = createServer(
    {
      cert: serving.certificate,
      key: serving.key,
      ca: clientCA === undefined ? [] : [clientCA],
      ...tlsServerOptions(),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      answer(request, response, options).catch((error: unknown) => {
        const { code, message } = error instanceof StatusError ? error : { code: 500, message: messageOf(error) };
        respond(response, code, `${message}\n`);
      });
    },
  );
  await listening(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HealthServerOptions): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'https://localhost');
  if (open.has(pathname)) return respond(response, 200, 'ok');
  await authorizeRequest(request, pathname, options);
  if (pathname !== '/metrics') return respond(response, 404, '404 page not found\n');
  respond(response, 200, options.metrics());
}

function respond(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(body);
}

function listening(server: Server, { address, port }: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error & { readonly code?: string }) => {
      const what = cause.code === 'EADDRINUSE' ? 'is in use' : `can't be listened on (${cause.message})`;
      reject(
        new UsageError(`port ${port} of ${address} ${what}: choose another with --secure-port, or 0 for none`, {
          cause,
        }),
      );
    });
    server.listen({ host: address, port }, resolve);
  });
}
