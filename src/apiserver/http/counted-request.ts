/** What a request is to those who count. */
import type { Exchange } from './exchange.ts';
import type { PodConnection } from './kubelet-target.ts';
import type { CountedRequest } from './metrics.ts';
import type { ResourcePath } from './request-path.ts';
import type { RequestTarget } from './request-target.ts';
import { verbOf } from './resource-requests.ts';

const podConnections = new Set<string>(['log', 'exec', 'attach', 'portforward'] satisfies PodConnection[]);
const documentVerbs = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options']);

/** The labels of a request. */
export function countedRequest(
  exchange: Exchange,
  target: RequestTarget,
  path: ResourcePath | undefined,
): CountedRequest {
  const resource = path?.resource;
  if (!resource) {
    // Whatever a client may make up must not become a label.
    const method = exchange.method.toLowerCase();
    const verb = documentVerbs.has(method) ? method : 'other';
    return { resource: undefined, verb, subresource: '', scope: '', long: false };
  }
  const scope = path.name !== '' ? 'resource' : path.namespace !== '' ? 'namespace' : 'cluster';
  if (path.subresource === '') {
    const verb = verbOf(exchange, path, target);
    return { resource, verb, subresource: '', scope, long: verb === 'watch' };
  }
  const subresource = resource.subresources.includes(path.subresource) ? path.subresource : '';
  const pod = isPodConnection(path);
  const connects = subresource === 'proxy' || (pod && subresource !== 'log');
  const verb = connects ? 'connect' : verbOf(exchange, path, target);
  return { resource, verb, subresource, scope, long: connects || pod };
}

/** Whether the kubelet of a pod is to be connected to. */
export function isPodConnection({ group, plural, subresource }: ResourcePath): boolean {
  return group === '' && plural === 'pods' && podConnections.has(subresource);
}
