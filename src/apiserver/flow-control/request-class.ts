/** What a request is to flow control. */
import { verbOf } from '../http/resource-requests.ts';
import type { ClassifiedRequest } from './classifier.ts';
import type { ArrivedRequest } from './flow-control.ts';

/** Connections to pods, nodes and services, and logs. Source: kube-apiserver's BasicLongRunningRequestCheck. */
const longSubresources = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Verbs that change nothing. Source: apiserver's nonMutatingRequestVerbs. */
const readOnlyVerbs = new Set(['get', 'list', 'watch']);

/** What a request asks for. */
export function classOf({ exchange, target, path, counted }: ArrivedRequest): ClassifiedRequest {
  if (!path) {
    const verb = exchange.method.toLowerCase();
    return { isResource: false, verb, path: target.path, kind: undefined, ...noResource };
  }
  const { group, plural, subresource, name } = path;
  return {
    isResource: true,
    // What is not served here is counted without a verb of its own.
    verb: counted.resource ? counted.verb : verbOf(exchange, path, target),
    path: target.path,
    group,
    resource: plural,
    subresource,
    // A namespace is in itself.
    namespace: plural === 'namespaces' && group === '' ? name : path.namespace,
    name,
    kind: counted.resource,
  };
}

const noResource = { group: '', resource: '', subresource: '', namespace: '', name: '' };

/** Whether a request lasts as long as its client wants; watches do, but not their beginning. */
export function isLongRunning({ verb, subresource }: ClassifiedRequest): boolean {
  return verb !== 'watch' && (longSubresources.has(subresource) || verb === 'proxy');
}

/** Whether a request may change something. */
export function isMutating({ verb }: ClassifiedRequest): boolean {
  return !readOnlyVerbs.has(verb);
}
