/** Requests that go on to kubelets, pods and services: exec, attach, portforward, proxy and logs. */
import { StatusError } from '../../base/errors.ts';
import { proxyUpgrade } from '../../client/streaming/upgrade-proxy.ts';
import type { TlsOptions } from '../../client/streaming/upgrade-request.ts';
import type { ApiServer } from '../create-api-server.ts';
import { lookupProxyable } from '../proxyable-address.ts';
import { attributesOf } from '../request-attributes.ts';
import { connectionTarget, isConnection } from './connect-request.ts';
import { forwardRequest } from './forward-request.ts';
import { podTarget } from './kubelet-target.ts';
import type { UpgradeExchange } from './listener.ts';
import type { ProxyTarget } from './proxy-target.ts';
import type { ResourceExchange } from './resource-exchange.ts';

/** How what lies behind the server is reached. */
export interface ConnectionsOptions {
  /** How the server proves itself to kubelets, and how it knows them. */
  readonly kubeletTls?: TlsOptions | undefined;
  /** Where what has been allowed is found, for machines that are reached by other addresses. Default: where it says. */
  readonly reach?: ((target: URL) => URL) | undefined;
}

/** Hands connections on; every failure before the answer has begun is a StatusError. */
export class Connections {
  readonly #server: ApiServer;
  readonly #options: ConnectionsOptions;

  constructor(server: ApiServer, options: ConnectionsOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Hands an ordinary request on, which only `proxy` has. */
  async forward(request: ResourceExchange): Promise<void> {
    const target = await this.#target(request);
    if (request.path.subresource !== 'proxy') throw new StatusError('BadRequest', 'Upgrade request required');
    return forwardRequest(request.exchange, { ...this.#way(target), lookup: lookupProxyable, errorsAsStatus: false });
  }

  /** Answers with a pod's log; that of a pod without a node is empty. */
  async podLog(request: ResourceExchange): Promise<void> {
    const { exchange } = request;
    const url = await this.#logTarget(request);
    if (!url) return exchange.respond(200, { 'content-type': 'text/plain' }, '');
    return forwardRequest(exchange, { ...this.#way({ url, kubelet: true }), errorsAsStatus: true });
  }

  /** Hands on a request for another protocol; `begins` is called when it is known where to. Resolves at its end. */
  async upgrade(request: ResourceExchange, upgrade: UpgradeExchange, begins: () => void): Promise<void> {
    const target = await this.#upgradeTarget(request);
    begins();
    const lookup = request.path.subresource === 'proxy' ? lookupProxyable : undefined;
    await proxyUpgrade({ ...upgrade, ...this.#way(target), lookup, signal: this.#server.signal });
  }

  async #upgradeTarget(request: ResourceExchange): Promise<ProxyTarget> {
    const { path } = request;
    if (isConnection(request) || path.subresource !== 'log') return this.#target(request);
    const url = await this.#logTarget(request);
    if (!url) throw new StatusError('BadRequest', `pod ${path.name} does not have a host assigned`);
    return { url, kubelet: true };
  }

  async #target(request: ResourceExchange): Promise<ProxyTarget> {
    const { path, user } = request;
    const target = await connectionTarget(this.#server, request);
    // Kubelets run commands also for a GET that opens a WebSocket, which must not be allowed to who may only read.
    if (path.plural === 'nodes' && runsCommands(target.url)) {
      await this.#server.api.authorize(attributesOf(user, path.resource, { ...path, verb: 'create' }));
    }
    return target;
  }

  async #logTarget({ exchange, path, target, user }: ResourceExchange): Promise<URL | undefined> {
    const verb = exchange.method === 'GET' ? 'get' : 'create';
    const annotate = exchange.audit?.annotate;
    await this.#server.api.authorize(attributesOf(user, path.resource, { ...path, verb, annotate }));
    const query = new URLSearchParams(target.query);
    query.delete('container');
    const container = target.query.get('container') ?? '';
    return podTarget(this.#server.context, { ...path, connection: 'log', container, query });
  }

  #way({ url, kubelet }: ProxyTarget): { readonly target: URL; readonly tls: TlsOptions } {
    const { kubeletTls = {}, reach } = this.#options;
    // What a pod presents can't be verified: nobody says what its name would be.
    return { target: reach ? reach(url) : url, tls: kubelet ? kubeletTls : { rejectUnauthorized: false } };
  }
}

function runsCommands({ pathname }: URL): boolean {
  const [first = ''] = pathname.split('/').filter((part) => part !== '');
  return ['exec', 'attach', 'portForward', 'run', 'cri'].includes(decodeURIComponent(first));
}
