/** What is no resource: discovery, health, metrics, version. */
import type { DocumentResponse } from '../ports.ts';
import { methodNotSupported, notServedError } from '../resources/api-errors.ts';
import type { Exchange } from './exchange.ts';
import { healthResponse, ownChecks } from './health.ts';
import type { HealthCheck } from './health.ts';
import type { RequestMetrics } from './metrics.ts';
import type { RequestHandlerOptions } from './request-handler.ts';
import type { RequestTarget } from './request-target.ts';
import { sendStreamed } from './streamed-document.ts';
import { versionResponse } from './version.ts';

/** The documents of a server. */
export class ServerDocuments {
  readonly #options: RequestHandlerOptions;
  readonly #metrics: RequestMetrics;
  readonly #checks: readonly HealthCheck[];

  constructor(options: RequestHandlerOptions, metrics: RequestMetrics) {
    this.#options = options;
    this.#metrics = metrics;
    this.#checks = [...ownChecks(options.server), ...(options.healthChecks ?? [])];
  }

  /** Answers; the caller has authorized it. Throws StatusError. */
  send(exchange: Exchange, target: RequestTarget): Promise<void> | void {
    const streamed = this.#options.streamed?.find(({ path }) => path === target.path);
    const document = streamed ?? this.#documentFor(exchange, target);
    if (!document) throw notServedError();
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') throw methodNotSupported();
    if ('open' in document) return sendStreamed(exchange, document);
    const send = (found: DocumentResponse): void => exchange.respond(found.status, found.headers, bodyOf(found));
    return document instanceof Promise ? document.then(send) : send(document);
  }

  #documentFor(
    { method, headers }: Exchange,
    { path, query }: RequestTarget,
  ): DocumentResponse | Promise<DocumentResponse> | undefined {
    if (path === '/version' || path === '/version/') return versionResponse(this.#options.version);
    if (path === '/metrics') {
      const { context, audit, flowControl, metrics } = this.#options.server;
      const body = `${this.#metrics.render(context)}${audit?.render() ?? ''}${flowControl?.render() ?? ''}${metrics.render()}`;
      return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body };
    }
    const health = healthResponse(path, query, this.#checks);
    if (health) return health;
    for (const handler of this.#options.server.documents) {
      const document = handler.handle({ method, path, query, headers });
      if (document) return document;
    }
    return path === '/' ? rootDocument() : undefined;
  }
}

function rootDocument(): DocumentResponse {
  const paths = ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/metrics', '/openapi/v3', '/readyz', '/version'];
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paths }, undefined, 2),
  };
}

function bodyOf({ body }: DocumentResponse): Buffer | string {
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
