/** Where the `proxy` subresource of nodes, pods and services goes on to. */
import { Pod } from '../../api/core/pod.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { badRequest } from '../resources/api-errors.ts';
import { currentObject } from '../resources/handler-context.ts';
import type { HandlerContext } from '../resources/handler-context.ts';
import { addressNotAllowed, isProxyable } from '../proxyable-address.ts';
import { hostPort, servicePodAddress } from '../service-address.ts';
import { nodeUrl } from './kubelet-target.ts';
import type { ResourcePath } from './request-path.ts';

/** Where to, and whether it is the kubelet, which wants the server's own certificate. */
export interface ProxyTarget {
  readonly url: URL;
  readonly kubelet: boolean;
}

/** Finds the target. The name of a pod or service may carry a scheme and a port: `https:name:port`. */
export async function proxyTarget(
  context: HandlerContext,
  path: ResourcePath,
  query: URLSearchParams,
): Promise<ProxyTarget> {
  const { url, kubelet } = await baseOf(context, path);
  url.pathname = path.rest === '' ? '/' : path.rest;
  url.search = String(query);
  return { url, kubelet };
}

async function baseOf(context: HandlerContext, path: ResourcePath): Promise<ProxyTarget> {
  if (path.plural === 'nodes') {
    const url = await nodeUrl(context, path.name.split(':')[0]!);
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (ipFamily(host) !== 0 && !isProxyable(host)) throw badRequest(addressNotAllowed);
    return { url, kubelet: true };
  }
  const { scheme, name, port } = splitName(path.name);
  const base = { namespace: path.namespace, name };
  const address =
    path.plural === 'pods' ? await podAddress(context, base, port) : await servicePodAddress(context, base, port);
  return { url: new URL(`${scheme}://${address}/`), kubelet: false };
}

function splitName(text: string): { readonly scheme: 'http' | 'https'; readonly name: string; readonly port: string } {
  const parts = text.split(':');
  if (parts.length > 3) throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  const [first = '', second = '', third = ''] = parts;
  if (parts.length < 3) return { scheme: 'http', name: first, port: second };
  if (first !== '' && first !== 'http' && first !== 'https')
    throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  return { scheme: first === 'https' ? 'https' : 'http', name: second, port: third };
}

interface Key {
  readonly namespace: string;
  readonly name: string;
}

async function podAddress(context: HandlerContext, key: Key, port: string): Promise<string> {
  const { object } = await currentObject(context, Pod, key);
  const { spec, status } = object as Pod;
  if (!status.podIP) throw badRequest(`pod ${key.name} has no address: it is not running yet`);
  if (!isProxyable(status.podIP)) throw badRequest(addressNotAllowed);
  const first = spec.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort;
  const number = port === '' ? first : portNumber(port);
  return hostPort(status.podIP, number ?? 80);
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw badRequest(`invalid port ${JSON.stringify(text)}: it must be between 1 and 65535`);
  return port;
}
