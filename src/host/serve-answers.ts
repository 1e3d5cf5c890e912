import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of a small HTTP server. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A listening HTTP server; disposing it ends its connections. */
export interface Listening extends AsyncDisposable {
  /** The port, also when any was asked for. */
  readonly port: number;
}

/** Answers GETs by path at `address` (`host:port`, port 0 for any). Rejects when it can't listen there. */
export async function serve(address: string, answer: (path: string) => Answer | undefined): Promise<Listening> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const server = createServer((request, response) => {
    const { status, type, body } = answer(new URL(request.url ?? '/', 'http://localhost').pathname) ?? missing;
    response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
  });
  await listen(server, host, Number(address.slice(colon + 1)));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const missing: Answer = { status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n' };

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
