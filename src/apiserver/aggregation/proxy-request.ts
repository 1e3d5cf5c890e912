/** Hands requests on to the servers behind this one. Source: kube-aggregator's handler_proxy. */
import { messageOf } from '../../base/errors.ts';
import { proxyUpgrade } from '../../client/streaming/upgrade-proxy.ts';
import { resourceAttributes, pathAttributes } from '../authorization/attributes.ts';
import type { Exchange } from '../http/exchange.ts';
import { forwardRequest } from '../http/forward-request.ts';
import { RequestTarget } from '../http/request-target.ts';
import { badRequest } from '../resources/api-errors.ts';
import type { UpgradeExchange } from '../http/listener.ts';
import type { ResourcePath } from '../http/request-path.ts';
import type { RequestAttributes, User } from '../ports.ts';
import { userHeaders } from './remote-server.ts';
import type { RemoteServer } from './remote-server.ts';

/** A request that another server answers. */
export interface RemoteRequest {
  readonly exchange: Exchange;
  readonly server: RemoteServer;
  readonly user: User;
}

/** Hands an ordinary request on, watches among them. */
export async function proxyRequest({ exchange, server, user }: RemoteRequest): Promise<void> {
  const target = await targetOf(exchange, server);
  if (!target) return unavailable(exchange);
  try {
    await forwardRequest(exchange, {
      target,
      tls: server.tls,
      agent: server.agent,
      headers: userHeaders(user),
      withholds: (name) => server.withholds(name),
      redirects: 'refused',
      errorsAsStatus: false,
    });
  } catch (error) {
    if (exchange.status !== undefined) throw error;
    plain(exchange, 503, `error trying to reach service: ${messageOf(error)}\n`);
  }
}

/** Hands on a request that asks for another protocol. */
export async function proxyUpgradeRequest(
  { exchange, server, user }: RemoteRequest,
  { request, socket, head }: UpgradeExchange,
  signal: AbortSignal,
): Promise<void> {
  const target = await targetOf(exchange, server);
  if (!target) {
    socket.end(
      'HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nservice unavailable\n',
    );
    return;
  }
  const extraHeaders = userHeaders(user);
  const withholds = (name: string): boolean => server.withholds(name);
  const { tls } = server;
  await proxyUpgrade({ request, socket, head, target, tls, extraHeaders, withholds, redirects: 'refused', signal });
}

/** Whether a request may be made is asked here; the other server may ask again. */
export function remoteAttributes(
  user: User,
  path: ResourcePath | undefined,
  asked: { readonly verb: string; readonly method: string; readonly path: string },
): RequestAttributes {
  if (!path) return pathAttributes(user, asked.method.toLowerCase(), asked.path);
  const { group, version, plural, subresource, namespace, name } = path;
  return resourceAttributes(user, { verb: asked.verb, group, version, resource: plural, subresource, namespace, name });
}

/** The path and query alone: a target that names another host than the server's does not lead there. */
async function targetOf({ target }: Exchange, server: RemoteServer): Promise<URL | undefined> {
  const { path, search } = RequestTarget.parse(target);
  refuseDetours(path);
  if (!server.available) return undefined;
  try {
    const url = new URL(`https://${await server.address()}${path}`);
    url.search = search;
    return url;
  } catch {
    return undefined;
  }
}

/** What was authorized by its segments must not become another path on the way, or there. */
function refuseDetours(path: string): void {
  const decoded = path.includes('%') ? decodeURIComponent(path) : path;
  if (/[\\\0]|(^|\/)\.\.?(\/|$)/.test(decoded))
    throw badRequest(`the path ${JSON.stringify(path)} is not one of an API`);
}

function unavailable(exchange: Exchange): void {
  plain(exchange, 503, 'service unavailable\n');
}

function plain(exchange: Exchange, status: number, text: string): void {
  exchange.respond(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, text);
}
