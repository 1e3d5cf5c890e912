import { StatusError } from '../base/errors.ts';
import { Pod } from '../api/core/pod.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { Endpoint } from '../api/discovery/endpoint-slice.ts';
import { isProxyable } from './proxyable-address.ts';
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
  const service = (await currentObject(context, Service, key)).object as Service;
  const { type, externalName = '' } = service.spec;
  if (type === 'ExternalName') return hostPort(externalName, Number(port) || 443);
  return endpointAddress(context, service, { port, accepts: () => true });
}

/**
 * Like `serviceAddress`, for those who let users in: only to addresses that pods of the Service's namespace have, since
 * anybody may write others into an EndpointSlice. Source: kubernetes' registry/core/service ResourceLocation.
 */
export async function servicePodAddress(context: HandlerContext, key: Key, port: string): Promise<string> {
  const service = (await currentObject(context, Service, key)).object as Service;
  const pods = context.caches.of(Pod);
  const accepts = (address: string, { targetRef }: Endpoint): boolean => {
    if (targetRef?.namespace !== key.namespace || targetRef.name === undefined) return false;
    const pod = pods.get({ namespace: key.namespace, name: targetRef.name })?.object as Pod | undefined;
    return isProxyable(address) && (pod?.status.podIPs ?? []).some(({ ip }) => ip === address);
  };
  return endpointAddress(context, service, { port, accepts });
}

interface EndpointChoice {
  readonly port: string;
  accepts(address: string, endpoint: Endpoint): boolean;
}

function endpointAddress(
  context: HandlerContext,
  { metadata, spec: { ports = [] } }: Service,
  { port, accepts }: EndpointChoice,
): string {
  const { namespace = '', name } = metadata;
  const wanted =
    port === ''
      ? ports.length === 1
        ? ports[0]
        : undefined
      : ports.find((one) => one.name === port || String(one.port) === port);
  const unavailable = (detail: string): StatusError =>
    new StatusError(
      'ServiceUnavailable',
      `no endpoints available for service ${JSON.stringify(`${name}${port === '' ? '' : `:${port}`}`)}${detail}`,
    );
  if (!wanted) throw unavailable(port === '' ? ': it has several ports, name one' : ': it has no such port');
  const selection = parseSelection(EndpointSlice, {
    namespace,
    labelSelector: `kubernetes.io/service-name=${name}`,
  });
  for (const { object: stored } of context.caches.of(EndpointSlice).select(selection)) {
    const slice = stored.object as EndpointSlice;
    const target = slice.ports?.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port;
    const ready = slice.endpoints?.filter(({ conditions }) => conditions?.ready !== false) ?? [];
    const [address] = ready.flatMap((one) => one.addresses.filter((each) => accepts(each, one)).slice(0, 1));
    if (target && address) return hostPort(address, target);
  }
  throw unavailable('');
}

/** An address with a port, as URLs have it. */
export function hostPort(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
