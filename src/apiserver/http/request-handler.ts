/** Every request of the listener: who asks, whether they may, and who answers. */
import { StatusError } from '../../base/errors.ts';
import { refuseUpgrade } from '../../client/streaming/upgrade-response.ts';
import { proxyRequest, proxyUpgradeRequest, remoteAttributes } from '../aggregation/proxy-request.ts';
import type { RemoteRequest } from '../aggregation/proxy-request.ts';
import { impersonate } from '../authentication/impersonation.ts';
import { pathAttributes } from '../authorization/attributes.ts';
import type { ApiServer } from '../create-api-server.ts';
import type { DocumentResponse, User } from '../ports.ts';
import { isConnection } from './connect-request.ts';
import { Connections } from './connections.ts';
import type { ConnectionsOptions } from './connections.ts';
import { countedRequest, isPodConnection } from './counted-request.ts';
import { Deadlines } from './deadlines.ts';
import type { Exchange } from './exchange.ts';
import { H1Exchange } from './h1-exchange.ts';
import { healthResponse, ownChecks } from './health.ts';
import type { HealthCheck } from './health.ts';
import type { RequestHandler, UpgradeExchange } from './listener.ts';
import { RequestMetrics } from './metrics.ts';
import type { CountedRequest } from './metrics.ts';
import { parseResourcePath } from './request-path.ts';
import type { ResourcePath } from './request-path.ts';
import { auditIdOf, requestTimeout, timedOut } from './request-limits.ts';
import { RequestTarget } from './request-target.ts';
import { answerResourceRequest, verbOf } from './resource-requests.ts';
import type { ResourceExchange } from './resource-exchange.ts';
import { methodNotSupported, notServedError } from '../resources/api-errors.ts';
import { asStatusError, notCached, sendError } from './responses.ts';
import { sendStreamed } from './streamed-document.ts';
import type { StreamedDocument } from './streamed-document.ts';
import { versionResponse } from './version.ts';
import type { ServerVersion } from './version.ts';

/** What answering takes beside the server. */
export interface RequestHandlerOptions extends ConnectionsOptions {
  readonly server: ApiServer;
  readonly version: ServerVersion;
  readonly healthChecks?: readonly HealthCheck[] | undefined;
  /** Documents too large to be there as a whole. */
  readonly streamed?: readonly StreamedDocument[] | undefined;
}

/** Makes the handler of a listener. */
export function createRequestHandler(options: RequestHandlerOptions): RequestHandler {
  return new ServerRequestHandler(options);
}

class ServerRequestHandler implements RequestHandler {
  readonly #server: ApiServer;
  readonly #options: RequestHandlerOptions;
  readonly #metrics = new RequestMetrics();
  readonly #checks: readonly HealthCheck[];
  readonly #deadlines: Deadlines;
  readonly #connections: Connections;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#server = options.server;
    this.#deadlines = new Deadlines(options.server.context.clock);
    this.#connections = new Connections(options.server, options);
    this.#checks = [...ownChecks(options.server), ...(options.healthChecks ?? [])];
  }

  /** Without a turn of the event loop where nothing has to be waited for, as for most reads. */
  handle(exchange: Exchange): void {
    const { clock, random } = this.#server.context;
    exchange.standing = { 'audit-id': auditIdOf(exchange) ?? random.uuid(), ...notCached };
    let asked: Asked | undefined;
    try {
      asked = this.#read(exchange, clock.monotonic());
      const answering = this.#answer(asked);
      if (answering) this.#await(asked, answering);
      else this.#finish(asked);
    } catch (error) {
      this.#fail(exchange, asked, error);
    }
  }

  handleUpgrade(upgrade: UpgradeExchange): void {
    const exchange = H1Exchange.ofUpgrade(upgrade.request);
    this.#upgrade(exchange, upgrade).catch((error: unknown) => refuseUpgrade(upgrade.socket, asStatusError(error)));
  }

  #read(exchange: Exchange, started: number): Asked {
    const target = RequestTarget.parse(exchange.target);
    const path = parseResourcePath(target.path, this.#server.resources);
    const counted = countedRequest(exchange, target, path);
    const timeout = requestTimeout(target);
    this.#metrics.begin(counted);
    return { exchange, target, path, counted, started, timeout };
  }

  #answer(asked: Asked): Promise<void> | void {
    const user = this.#identify(asked.exchange);
    return user instanceof Promise ? user.then((known) => this.#answerTo(known, asked)) : this.#answerTo(user, asked);
  }

  #answerTo(user: User, asked: Asked): Promise<void> | void {
    const { exchange, target, path } = asked;
    const remote = this.#server.aggregation?.find(target.path);
    if (remote) return this.#answerRemotely({ exchange, server: remote, user }, target, path);
    const resource = path?.resource;
    if (!resource) {
      // Its kind may have been defined a moment ago, through another server.
      const catchingUp = path && this.#server.resources.catchUp();
      if (!catchingUp) return this.#answerDocument(exchange, target, user);
      return catchingUp.then(() => this.#answerLate(user, asked));
    }
    return this.#answerResource({ exchange, path: { ...path, resource }, target, user });
  }

  #answerLate(user: User, { exchange, target }: Asked): Promise<void> | void {
    const path = parseResourcePath(target.path, this.#server.resources);
    const resource = path?.resource;
    if (!resource) return this.#answerDocument(exchange, target, user);
    return this.#answerResource({ exchange, path: { ...path, resource }, target, user });
  }

  #answerRemotely(request: RemoteRequest, target: RequestTarget, path: ResourcePath | undefined): Promise<void> {
    const pending = this.#allowRemote(request, target, path);
    return pending ? pending.then(() => proxyRequest(request)) : proxyRequest(request);
  }

  #allowRemote(
    { exchange, user }: RemoteRequest,
    target: RequestTarget,
    path: ResourcePath | undefined,
  ): Promise<void> | void {
    const verb = path ? verbOf(exchange, path, target) : '';
    const asked = { verb, method: exchange.method, path: target.path };
    return this.#server.api.authorize(remoteAttributes(user, path, asked));
  }

  #await(asked: Asked, answering: Promise<void>): void {
    const { exchange, counted } = asked;
    const timer = counted.long ? undefined : this.#limit(asked);
    answering.then(
      () => {
        timer?.[Symbol.dispose]();
        this.#finish(asked);
      },
      (error: unknown) => {
        timer?.[Symbol.dispose]();
        this.#fail(exchange, asked, error);
      },
    );
  }

  /** Answers in the place of those who take too long. Source: apiserver's filters/timeout. */
  #limit({ exchange, timeout }: Asked): Disposable {
    return this.#deadlines.after(timeout, () => {
      if (exchange.status === undefined) sendError(exchange, timedOut());
    });
  }

  #finish(asked: Asked): void {
    const { exchange, counted } = asked;
    this.#observe(asked, exchange.status ?? 0);
    if (counted.long && !exchange.isOver) exchange.onClose(() => this.#metrics.end(counted));
    else this.#metrics.end(counted);
  }

  #fail(exchange: Exchange, asked: Asked | undefined, error: unknown): void {
    const status = asStatusError(error);
    if (status.code >= 500) {
      this.#server.context.log.error('Request failed', { method: exchange.method, path: exchange.target, error });
    }
    if (exchange.status === undefined) sendError(exchange, status);
    if (!asked) return;
    this.#observe(asked, exchange.status ?? status.code);
    this.#metrics.end(asked.counted);
  }

  #observe({ counted, started }: Asked, code: number): void {
    this.#metrics.observe(counted, code, (this.#server.context.clock.monotonic() - started) / 1000);
  }

  #answerResource(request: ResourceExchange): Promise<void> | void {
    const { path } = request;
    if (path.subresource !== '') {
      if (isConnection(request)) return this.#connections.forward(request);
      if (isPodConnection(path)) return this.#connections.podLog(request);
    }
    return answerResourceRequest(this.#server.api, request);
  }

  async #upgrade(exchange: Exchange, upgrade: UpgradeExchange): Promise<void> {
    const started = this.#server.context.clock.monotonic();
    const { target, path, counted } = this.#read(exchange, started);
    try {
      const user = await this.#identify(exchange);
      const remote = this.#server.aggregation?.find(target.path);
      if (remote) {
        const asked = { exchange, server: remote, user };
        await this.#allowRemote(asked, target, path);
        return await proxyUpgradeRequest(asked, upgrade, this.#server.signal);
      }
      if (!path?.resource) throw notServedError();
      const connecting = { exchange, path: { ...path, resource: path.resource }, target, user };
      await this.#connections.upgrade(connecting, upgrade, () => this.#metrics.observe(counted, 101, 0));
    } finally {
      this.#metrics.end(counted);
    }
  }

  #identify({ headers, certificate, badCertificate }: Exchange): User | Promise<User> {
    if (badCertificate && headers.authorization === undefined) {
      throw new StatusError(
        'Unauthorized',
        'Unauthorized: the client certificate is not signed by an authority of this server, or has expired',
      );
    }
    const user = this.#server.authenticator.authenticate({ headers, certificate });
    return user instanceof Promise ? user.then((known) => this.#acting(known, headers)) : this.#acting(user, headers);
  }

  #acting(user: User | undefined, headers: Exchange['headers']): User | Promise<User> {
    if (!user) throw new StatusError('Unauthorized', 'Unauthorized');
    return impersonate(user, headers, this.#server.authorizer);
  }

  #answerDocument(exchange: Exchange, target: RequestTarget, user: User): Promise<void> | void {
    const pending = this.#server.api.authorize(pathAttributes(user, exchange.method.toLowerCase(), target.path));
    return pending ? pending.then(() => this.#sendDocument(exchange, target)) : this.#sendDocument(exchange, target);
  }

  #sendDocument(exchange: Exchange, target: RequestTarget): Promise<void> | void {
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

/** A request, read. */
interface Asked {
  readonly exchange: Exchange;
  readonly target: RequestTarget;
  readonly path: ResourcePath | undefined;
  readonly counted: CountedRequest;
  readonly started: number;
  /** Milliseconds that the answer may take. */
  readonly timeout: number;
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
