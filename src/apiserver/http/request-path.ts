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
  /** `/api/v1/watch/pods`, as clients of long ago ask for a watch. */
  readonly watched: boolean;
  /** What follows the subresource, for proxies: `/a/b`; '' when nothing does. */
  readonly rest: string;
}

/** Parts of a namespace itself; anything else after its name is a resource within it. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** Reads a path; undefined for paths that are not about resources, such as /healthz and /apis/apps/v1. */
export function parseResourcePath(path: string, served: ServedResources): ResourcePath | undefined {
  if (!path.startsWith('/api')) return undefined;
  // An empty one stands before the first slash.
  const segments = path.includes('%') ? path.split('/').map(decodeSegment) : path.split('/');
  if (segments.at(-1) === '') segments.pop();
  const root = segments[1];
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (segments[2] ?? '');
  const version = segments[root === 'api' ? 2 : 3] ?? '';
  let start = root === 'api' ? 3 : 4;
  const watched = segments[start] === 'watch';
  if (watched) start++;
  if (segments.length <= start) return undefined;
  const inNamespace =
    segments[start] === 'namespaces' && segments.length > start + 2 && !namespaceSubresources.has(segments[start + 2]!);
  const namespace = inNamespace ? segments[start + 1]! : '';
  const at = inNamespace ? start + 2 : start;
  const plural = segments[at]!;
  const name = segments[at + 1] ?? '';
  const resource = served.find(group, version, plural);
  return {
    group,
    version,
    plural,
    resource: resource && isWhereItBelongs(resource, namespace, name) ? resource : undefined,
    namespace,
    name,
    subresource: segments[at + 2] ?? '',
    watched,
    rest: segments.length > at + 3 ? restOf(path, segments.slice(at + 3)) : '',
  };
}

function restOf(path: string, segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}${path.endsWith('/') ? '/' : ''}`;
}

/** Objects of namespaces are reached through theirs only; what is in none is reached through none. */
function isWhereItBelongs({ namespaced }: Resource, namespace: string, name: string): boolean {
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
