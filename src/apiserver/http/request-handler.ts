/** Every request of the listener: who asks, whether they may, and who answers. */
import { StatusError, messageOf } from '../../base/errors.ts';
import { proxyUpgrade } from '../../client/streaming/upgrade-proxy.ts';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import { refuseUpgrade } from '../../client/streaming/upgrade-response.ts';
import { impersonate } from '../authentication/impersonation.ts';
import { pathAttributes } from '../authorization/attributes.ts';
import type { ApiServer } from '../create-api-server.ts';
import type { DocumentResponse, User } from '../ports.ts';
import { attributesOf } from '../request-attributes.ts';
import type { Exchange } from './exchange.ts';
import { forwardRequest } from './forward-request.ts';
import { H1Exchange } from './h1-exchange.ts';
import { healthResponse } from './health.ts';
import type { HealthCheck } from './health.ts';
import { podTarget } from './kubelet-target.ts';
import type { PodConnection } from './kubelet-target.ts';
import type { RequestHandler, UpgradeExchange } from './listener.ts';
import { RequestMetrics } from './metrics.ts';
import type { RequestLabels } from './metrics.ts';
import { proxyTarget } from './proxy-target.ts';
import { parseResourcePath } from './request-path.ts';
import type { ResourcePath } from './request-path.ts';
import { answerResourceRequest, verbOf } from './resource-requests.ts';
import type { ResourceExchange } from './resource-requests.ts';
import { methodNotSupported, notServedError } from '../resources/api-errors.ts';
import { asStatusError, notCached, sendError } from './responses.ts';
import { versionResponse } from './version.ts';
import type { ServerVersion } from './version.ts';

/** What answering takes beside the server. */
export interface RequestHandlerOptions {
  readonly server: ApiServer;
  readonly version: ServerVersion;
  /** How the server proves itself to kubelets, and how it knows them. */
  readonly kubeletTls?: TlsOptions | undefined;
  readonly healthChecks?: readonly HealthCheck[] | undefined;
}

const podConnections = new Set<string>(['log', 'exec', 'attach', 'portforward'] satisfies PodConnection[]);

/** Makes the handler of a listener. */
export function createRequestHandler(options: RequestHandlerOptions): RequestHandler {
  return new ServerRequestHandler(options);
}

class ServerRequestHandler implements RequestHandler {
  readonly #server: ApiServer;
  readonly #options: RequestHandlerOptions;
  readonly #metrics = new RequestMetrics();
  readonly #checks: readonly HealthCheck[];

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#server = options.server;
    this.#checks = [...ownChecks(options.server), ...(options.healthChecks ?? [])];
  }

  handle(exchange: Exchange): void {
    this.#answer(exchange).catch((error: unknown) => {
      const status = asStatusError(error);
      if (status.code >= 500) {
        this.#server.context.log.error('Request failed', { method: exchange.method, path: exchange.target, error });
      }
      if (exchange.status === undefined) sendError(exchange, status);
    });
  }

  handleUpgrade(upgrade: UpgradeExchange): void {
    const exchange = H1Exchange.ofUpgrade(upgrade.request);
    this.#upgrade(exchange, upgrade).catch((error: unknown) => refuseUpgrade(upgrade.socket, asStatusError(error)));
  }

  async #answer(exchange: Exchange): Promise<void> {
    const url = parseTarget(exchange.target);
    const path = parseResourcePath(url.pathname, this.#server.resources);
    const started = this.#server.context.clock.monotonic();
    const labels = labelsOf(exchange, path, url.searchParams);
    const long = labels.verb === 'watch' || labels.verb === 'connect' || podConnections.has(labels.subresource);
    try {
      const user = await this.#identify(exchange);
      if (path?.resource)
        await this.#answerResource({
          exchange,
          path: { ...path, resource: path.resource },
          query: url.searchParams,
          user,
        });
      else await this.#answerDocument(exchange, url, user);
      this.#count(labels, exchange.status ?? 0, long ? undefined : started);
    } catch (error) {
      this.#count(labels, asStatusError(error).code, long ? undefined : started);
      throw error;
    }
  }

  #count(labels: RequestLabels, code: number, started: number | undefined): void {
    const now = this.#server.context.clock.monotonic();
    this.#metrics.observe(labels, code, started === undefined ? undefined : (now - started) / 1000);
  }

  async #answerResource(request: ResourceExchange): Promise<void> {
    const { exchange, path, query } = request;
    if (path.subresource === 'proxy' && path.resource.subresources.includes('proxy')) {
      const { url, kubelet } = await this.#proxyTarget(request);
      return forwardRequest(exchange, { target: url, tls: this.#tls(kubelet), errorsAsStatus: false });
    }
    if (isPodConnection(path)) {
      this.#allow(request, exchange.method === 'GET' ? 'get' : 'create');
      if (path.subresource !== 'log') throw new StatusError('BadRequest', 'Upgrade request required');
      const target = await podTarget(this.#server.context, { ...path, connection: 'log', query });
      if (!target) return exchange.respond(200, { 'content-type': 'text/plain' }, '');
      return forwardRequest(exchange, { target, tls: this.#tls(true), errorsAsStatus: true });
    }
    return answerResourceRequest(this.#server.api, request);
  }

  async #upgrade(exchange: Exchange, { request, socket, head }: UpgradeExchange): Promise<void> {
    const url = parseTarget(exchange.target);
    const path = parseResourcePath(url.pathname, this.#server.resources);
    const user = await this.#identify(exchange);
    if (!path?.resource) throw notServedError();
    const query = url.searchParams;
    const asked: ResourceExchange = { exchange, path: { ...path, resource: path.resource }, query, user };
    const { url: target, kubelet } = await this.#upgradeTarget(asked);
    this.#count(labelsOf(exchange, path, query), 101, undefined);
    await proxyUpgrade({ request, socket, head, target, tls: this.#tls(kubelet), signal: this.#server.signal });
  }

  async #upgradeTarget(request: ResourceExchange): Promise<{ readonly url: URL; readonly kubelet: boolean }> {
    const { exchange, path, query } = request;
    if (path.subresource === 'proxy') return this.#proxyTarget(request);
    if (!isPodConnection(path)) throw new StatusError('BadRequest', 'this resource can not be connected to');
    this.#allow(request, exchange.method === 'GET' ? 'get' : 'create');
    const connection = path.subresource as PodConnection;
    const target = await podTarget(this.#server.context, { ...path, connection, query });
    if (!target) throw new StatusError('BadRequest', `pod ${path.name} does not have a host assigned`);
    return { url: target, kubelet: true };
  }

  #proxyTarget(request: ResourceExchange): Promise<{ readonly url: URL; readonly kubelet: boolean }> {
    const { exchange, path, query } = request;
    this.#allow(request, connectVerbs[exchange.method] ?? exchange.method.toLowerCase());
    return proxyTarget(this.#server.context, path, query);
  }

  #tls(kubelet: boolean): TlsOptions {
    // What a pod presents can't be verified: nobody says what its name would be.
    return kubelet ? (this.#options.kubeletTls ?? {}) : { rejectUnauthorized: false };
  }

  #allow({ user, path }: ResourceExchange, verb: string): void {
    this.#server.api.authorize(attributesOf(user, path.resource, { ...path, verb }));
  }

  async #identify({ headers, certificate, badCertificate }: Exchange): Promise<User> {
    if (badCertificate && headers.authorization === undefined) {
      throw new StatusError(
        'Unauthorized',
        'Unauthorized: the client certificate is not signed by an authority of this server, or has expired',
      );
    }
    const user = await this.#server.authenticator.authenticate({ headers, certificate });
    if (!user) throw new StatusError('Unauthorized', 'Unauthorized');
    return impersonate(user, headers, this.#server.authorizer);
  }

  async #answerDocument(exchange: Exchange, url: URL, user: User): Promise<void> {
    this.#server.api.authorize(pathAttributes(user, exchange.method.toLowerCase(), url.pathname));
    const document = await this.#documentFor(exchange, url);
    if (!document) throw notServedError();
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') throw methodNotSupported();
    exchange.respond(document.status, { ...notCached, ...document.headers }, bodyOf(document));
  }

  #documentFor(
    { method, headers }: Exchange,
    { pathname: path, searchParams: query }: URL,
  ): DocumentResponse | Promise<DocumentResponse> | undefined {
    if (path === '/version' || path === '/version/') return versionResponse(this.#options.version);
    if (path === '/metrics') {
      const body = this.#metrics.render(this.#server.context);
      return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body };
    }
    const health = healthResponse(path, query, this.#checks);
    if (health) return health;
    for (const handler of this.#server.documents) {
      const document = handler.handle({ method, path, query, headers });
      if (document) return document;
    }
    return path === '/' ? rootDocument() : undefined;
  }
}

const connectVerbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function isPodConnection({ group, plural, subresource }: ResourcePath): boolean {
  return group === '' && plural === 'pods' && podConnections.has(subresource);
}

function ownChecks({ context, signal }: ApiServer): readonly HealthCheck[] {
  return [
    { name: 'ping', check: () => undefined },
    {
      name: 'etcd',
      check() {
        const { failure } = context.caches;
        if (failure) throw new Error(`the store can't be followed: ${messageOf(failure)}`);
      },
    },
    {
      name: 'shutdown',
      readinessOnly: true,
      check() {
        if (signal.aborted) throw new Error('process is shutting down');
      },
    },
  ];
}

function parseTarget(target: string): URL {
  try {
    return new URL(target, 'https://server');
  } catch (error) {
    throw new StatusError('BadRequest', `the request's target ${JSON.stringify(target)} is no URL`, { cause: error });
  }
}

function labelsOf(exchange: Exchange, path: ResourcePath | undefined, query: URLSearchParams): RequestLabels {
  if (!path?.resource) {
    return { verb: exchange.method.toLowerCase(), group: '', version: '', resource: '', subresource: '', scope: '' };
  }
  const { group, version, plural: resource, subresource, name, namespace } = path;
  const scope = name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
  const connects = subresource === 'proxy' || (isPodConnection(path) && subresource !== 'log');
  return { verb: connects ? 'connect' : verbOf(exchange, path, query), group, version, resource, subresource, scope };
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
