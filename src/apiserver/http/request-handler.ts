/** Every request of the listener: who asks, whether they may, and who answers. */
import { refuseUpgrade } from '../../client/streaming/upgrade-response.ts';
import { proxyRequest, proxyUpgradeRequest, remoteAttributes } from '../aggregation/proxy-request.ts';
import type { RemoteRequest } from '../aggregation/proxy-request.ts';
import { pathAttributes } from '../authorization/attributes.ts';
import type { ApiServer } from '../create-api-server.ts';
import type { User } from '../ports.ts';
import { isConnection } from './connect-request.ts';
import { Connections } from './connections.ts';
import type { ConnectionsOptions } from './connections.ts';
import { countedRequest, isPodConnection } from './counted-request.ts';
import { Deadlines } from './deadlines.ts';
import type { Exchange, ResponseHeaders } from './exchange.ts';
import { H1Exchange } from './h1-exchange.ts';
import type { HealthCheck } from './health.ts';
import { auditFailure, identify } from './identify-request.ts';
import type { IdentifiableRequest } from './identify-request.ts';
import type { RequestHandler, UpgradeExchange } from './listener.ts';
import { RequestMetrics } from './metrics.ts';
import type { CountedRequest } from './metrics.ts';
import { parseResourcePath } from './request-path.ts';
import type { ResourcePath } from './request-path.ts';
import { auditIdOf, requestTimeout, timedOut } from './request-limits.ts';
import { RequestTarget } from './request-target.ts';
import { answerResourceRequest, verbOf } from './resource-requests.ts';
import type { ResourceExchange } from './resource-exchange.ts';
import { notServedError } from '../resources/api-errors.ts';
import { asStatusError, notCached, sendError } from './responses.ts';
import { ServerDocuments } from './server-documents.ts';
import type { StreamedDocument } from './streamed-document.ts';
import type { ServerVersion } from './version.ts';

/** What answering takes beside the server. */
export interface RequestHandlerOptions extends ConnectionsOptions {
  readonly server: ApiServer;
  readonly version: ServerVersion;
  /** Headers of every answer. */
  readonly standing?: ResponseHeaders | undefined;
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
  readonly #metrics = new RequestMetrics();
  readonly #documents: ServerDocuments;
  readonly #deadlines: Deadlines;
  readonly #standing: ResponseHeaders | undefined;
  readonly #connections: Connections;

  constructor(options: RequestHandlerOptions) {
    this.#server = options.server;
    this.#standing = options.standing;
    this.#deadlines = new Deadlines(options.server.context.clock);
    this.#connections = new Connections(options.server, options);
    this.#documents = new ServerDocuments(options, this.#metrics);
  }

  /** Without a turn of the event loop where nothing has to be waited for, as for most reads. */
  handle(exchange: Exchange): void {
    const { clock, random } = this.#server.context;
    exchange.standing = { 'audit-id': auditIdOf(exchange) ?? random.uuid(), ...notCached, ...this.#standing };
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
    const user = identify(this.#server, asked);
    return user instanceof Promise ? user.then((known) => this.#inTurn(known, asked)) : this.#inTurn(user, asked);
  }

  /** When it is the request's turn: at once, or after others. */
  #inTurn(user: User, asked: Asked): Promise<void> | void {
    const { flowControl } = this.#server;
    if (!flowControl) return this.#answerTo(user, asked);
    return flowControl.serve(asked, user, () => this.#answerTo(user, asked));
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
    const { audit } = exchange;
    return this.#server.api.authorize({ ...remoteAttributes(user, path, asked), annotate: audit?.annotate });
  }

  #await(asked: Asked, answering: Promise<void>): void {
    const { counted } = asked;
    const timer = counted.long ? undefined : this.#limit(asked);
    answering.then(
      () => {
        timer?.[Symbol.dispose]();
        this.#finish(asked);
      },
      (error: unknown) => {
        timer?.[Symbol.dispose]();
        this.#fail(asked.exchange, asked, error);
      },
    );
  }

  /** Answers in the place of those who take too long. Source: apiserver's filters/timeout. */
  #limit(asked: Asked): Disposable {
    return this.#deadlines.after(asked.timeout, () => {
      if (asked.exchange.status === undefined) sendError(asked.exchange, timedOut());
    });
  }

  #finish(asked: Asked): void {
    const { exchange, counted } = asked;
    this.#observe(asked, exchange.status ?? 0);
    if (counted.long && !exchange.isOver) exchange.onClose(() => this.#metrics.end(counted));
    else this.#metrics.end(counted);
  }

  #fail(refused: Exchange, asked: Asked | undefined, error: unknown): void {
    if (asked) auditFailure(this.#server, asked, error);
    const exchange = asked?.exchange ?? refused;
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
    const { clock, random } = this.#server.context;
    exchange.standing = { 'audit-id': auditIdOf(exchange) ?? random.uuid() };
    const asked = this.#read(exchange, clock.monotonic());
    try {
      await this.#connect(asked, upgrade);
      void asked.exchange.audit?.completed();
    } catch (error) {
      auditFailure(this.#server, asked, error);
      const status = asStatusError(error);
      const { audit } = asked.exchange;
      audit?.failed(status.toStatus());
      if (audit?.isLong) void audit.started(status.code);
      void audit?.completed(status.code);
      throw error;
    } finally {
      this.#metrics.end(asked.counted);
    }
  }

  async #connect(asked: Asked, upgrade: UpgradeExchange): Promise<void> {
    const user = await identify(this.#server, asked);
    const { exchange, target, path, counted } = asked;
    const remote = this.#server.aggregation?.find(target.path);
    if (remote) {
      const handedOn = { exchange, server: remote, user };
      await this.#allowRemote(handedOn, target, path);
      void exchange.audit?.started(101);
      return proxyUpgradeRequest(handedOn, upgrade, this.#server.signal);
    }
    if (!path?.resource) throw notServedError();
    const connecting = { exchange, path: { ...path, resource: path.resource }, target, user };
    return this.#connections.upgrade(connecting, upgrade, () => {
      this.#metrics.observe(counted, 101, 0);
      void exchange.audit?.started(101);
    });
  }

  #answerDocument(exchange: Exchange, target: RequestTarget, user: User): Promise<void> | void {
    const attributes = pathAttributes(user, exchange.method.toLowerCase(), target.path);
    const { audit } = exchange;
    const pending = this.#server.api.authorize(audit ? { ...attributes, annotate: audit.annotate } : attributes);
    return pending
      ? pending.then(() => this.#documents.send(exchange, target))
      : this.#documents.send(exchange, target);
  }
}

/** A request, read. */
interface Asked extends IdentifiableRequest {
  readonly counted: CountedRequest;
  readonly started: number;
  /** Milliseconds that the answer may take. */
  readonly timeout: number;
}
