import { StatusError } from '../base/errors.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { parseSelection } from './cache/selection.ts';
import { currentObject } from './resources/handler-context.ts';
import type { HandlerContext } from './resources/handler-context.ts';

interface Key {
  readonly namespace: string;
  readonly name: string;
}

/**
 * `host:port` of a ready endpoint of a Service, or of the name that it stands for. `port` is a port's name or number; '' means the only one. Throws
 * ServiceUnavailable when there is none, NotFound when there is no such Service.
 */
export async function serviceAddress(context: HandlerContext, key: Key, port: string): Promise<string> {
  const { object } = await currentObject(context, Service, key);
  const { ports = [], type, externalName = '' } = (object as Service).spec;
  if (type === 'ExternalName') return hostPort(externalName, Number(port) || 443);
  const wanted =
    port === ''
      ? ports.length === 1
        ? ports[0]
        : undefined
      : ports.find((one) => one.name === port || String(one.port) === port);
  const unavailable = (detail: string): StatusError =>
    new StatusError(
      'ServiceUnavailable',
      `no endpoints available for service ${JSON.stringify(`${key.name}${port === '' ? '' : `:${port}`}`)}${detail}`,
    );
  if (!wanted) throw unavailable(port === '' ? ': it has several ports, name one' : ': it has no such port');
  const selection = parseSelection(EndpointSlice, {
    namespace: key.namespace,
    labelSelector: `kubernetes.io/service-name=${key.name}`,
  });
  for (const { object: stored } of context.caches.of(EndpointSlice).select(selection)) {
    const slice = stored.object as EndpointSlice;
    const target = slice.ports?.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
    const ready = slice.endpoints?.find(({ conditions }) => conditions?.ready !== false);
    if (target && ready?.addresses[0]) return hostPort(ready.addresses[0], target);
  }
  throw unavailable('');
}

/** An address with a port, as URLs have it. */
export function hostPort(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
