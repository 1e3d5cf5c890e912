/** Requests that go on to kubelets, pods and services: exec, attach, portforward, proxy and logs. */
import { StatusError } from '../../base/errors.ts';
import { proxyUpgrade } from '../../client/streaming/upgrade-proxy.ts';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import type { ApiServer } from '../create-api-server.ts';
import { attributesOf } from '../request-attributes.ts';
import { connectionTarget, isConnection } from './connect-request.ts';
import { forwardRequest } from './forward-request.ts';
import { podTarget } from './kubelet-target.ts';
import type { UpgradeExchange } from './listener.ts';
import type { ProxyTarget } from './proxy-target.ts';
import type { ResourceExchange } from './resource-exchange.ts';

/** Hands connections on; every failure before the answer has begun is a StatusError. */
export class Connections {
  readonly #server: ApiServer;
  readonly #kubeletTls: TlsOptions;

  /** `kubeletTls`: how the server proves itself to kubelets, and how it knows them. */
  constructor(server: ApiServer, kubeletTls: TlsOptions = {}) {
    this.#server = server;
    this.#kubeletTls = kubeletTls;
  }

  /** Hands an ordinary request on, which only `proxy` has. */
  async forward(request: ResourceExchange): Promise<void> {
    const { url, kubelet } = await connectionTarget(this.#server, request);
    if (request.path.subresource !== 'proxy') throw new StatusError('BadRequest', 'Upgrade request required');
    return forwardRequest(request.exchange, { target: url, tls: this.#tls(kubelet), errorsAsStatus: false });
  }

  /** Answers with a pod's log; that of a pod without a node is empty. */
  async podLog(request: ResourceExchange): Promise<void> {
    const { exchange } = request;
    const url = await this.#logTarget(request);
    if (!url) return exchange.respond(200, { 'content-type': 'text/plain' }, '');
    return forwardRequest(exchange, { target: url, tls: this.#tls(true), errorsAsStatus: true });
  }

  /** Hands on a request for another protocol; `begins` is called when it is known where to. Resolves at its end. */
  async upgrade(request: ResourceExchange, upgrade: UpgradeExchange, begins: () => void): Promise<void> {
    const { url, kubelet } = await this.#upgradeTarget(request);
    begins();
    await proxyUpgrade({ ...upgrade, target: url, tls: this.#tls(kubelet), signal: this.#server.signal });
  }

  async #upgradeTarget(request: ResourceExchange): Promise<ProxyTarget> {
    const { path } = request;
    if (isConnection(request) || path.subresource !== 'log') return connectionTarget(this.#server, request);
    const url = await this.#logTarget(request);
    if (!url) throw new StatusError('BadRequest', `pod ${path.name} does not have a host assigned`);
    return { url, kubelet: true };
  }

  async #logTarget({ exchange, path, target, user }: ResourceExchange): Promise<URL | undefined> {
    const verb = exchange.method === 'GET' ? 'get' : 'create';
    await this.#server.api.authorize(attributesOf(user, path.resource, { ...path, verb }));
    const query = new URLSearchParams(target.query);
    query.delete('container');
    const container = target.query.get('container') ?? '';
    return podTarget(this.#server.context, { ...path, connection: 'log', container, query });
  }

  #tls(kubelet: boolean): TlsOptions {
    // What a pod presents can't be verified: nobody says what its name would be.
    return kubelet ? this.#kubeletTls : { rejectUnauthorized: false };
  }
}
