import type { ApiResource } from './discovery.ts';

/** The path of a collection, an object or a subresource. `namespace` '' means all namespaces. */
export function apiPath(
  resource: Pick<ApiResource, 'group' | 'version' | 'plural' | 'namespaced'>,
  target: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  } = {},
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const parts = [root];
  if (resource.namespaced && target.namespace) parts.push('namespaces', encodeURIComponent(target.namespace));
  parts.push(resource.plural);
  if (target.name) parts.push(encodeURIComponent(target.name));
  if (target.subresource) parts.push(target.subresource);
  return parts.join('/');
}
