/** What a path asks for. Source: apiserver's endpoints/request. */
import type { Resource } from '../../machinery/resource.ts';
import type { ServedResources } from '../served-resources.ts';
import { badRequest } from '../resources/api-errors.ts';

/** A path that names a resource, or that looks as if it did (`resource` undefined). */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly resource: Resource | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, for proxies: `/a/b`; '' when nothing does. */
  readonly rest: string;
}

/** Parts of a namespace itself; anything else after its name is a resource within it. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** Reads a path; undefined for paths that are not about resources, such as /healthz and /apis/apps/v1. */
export function parseResourcePath(path: string, served: ServedResources): ResourcePath | undefined {
  const segments = path.split('/').slice(1).map(decodeSegment);
  if (segments.at(-1) === '') segments.pop();
  const [root] = segments;
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (segments[1] ?? '');
  const version = segments[root === 'api' ? 1 : 2] ?? '';
  const parts = segments.slice(root === 'api' ? 2 : 3);
  if (parts.length === 0) return undefined;
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !namespaceSubresources.has(parts[2]!);
  const namespace = inNamespace ? parts[1]! : '';
  const [plural = '', name = '', subresource = '', ...rest] = inNamespace ? parts.slice(2) : parts;
  const trailing = rest.length > 0 && path.endsWith('/') ? '/' : '';
  const resource = served.find(group, version, plural);
  return {
    group,
    version,
    plural,
    resource: resource && isWhereItBelongs(resource, { namespace, name }) ? resource : undefined,
    namespace,
    name,
    subresource,
    rest: rest.length === 0 ? '' : `/${rest.map(encodeURIComponent).join('/')}${trailing}`,
  };
}

/** Objects of namespaces are reached through theirs only; what is in none is reached through none. */
function isWhereItBelongs(
  { namespaced }: Resource,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): boolean {
  return namespaced ? namespace !== '' || name === '' : namespace === '';
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`);
  }
}
