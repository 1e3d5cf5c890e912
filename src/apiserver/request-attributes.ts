import { hasReason } from '../base/errors.ts';
import { pathSegmentErrors } from '../machinery/formats.ts';
import type { Resource } from '../machinery/resource.ts';
import { parseFieldSelector } from '../machinery/selector.ts';
import type { Annotate, RequestAttributes, User } from './ports.ts';

/** What of a resource a request is about. */
export interface ResourceRequest {
  readonly verb: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly annotate?: Annotate | undefined;
}

/** The attributes of a request about a resource, as authorizers and admission see it. */
export function attributesOf(
  user: User,
  resource: Pick<Resource, 'group' | 'version' | 'plural' | 'namespaced'>,
  request: ResourceRequest,
): RequestAttributes {
  const { group, version, plural } = resource;
  const name = request.name ?? (listingVerbs.has(request.verb) ? nameInSelector(request.fieldSelector) : '');
  const isNamespace = group === '' && plural === 'namespaces';
  return {
    user,
    verb: request.verb,
    path: '',
    isResource: true,
    group,
    version,
    resource: plural,
    subresource: request.subresource ?? '',
    // A namespace counts as being in itself, so that a role in it can allow to read it.
    namespace: isNamespace ? name : resource.namespaced ? (request.namespace ?? '') : '',
    name,
    fieldSelector: request.fieldSelector || undefined,
    labelSelector: request.labelSelector || undefined,
    annotate: request.annotate,
  };
}

const listingVerbs: ReadonlySet<string> = new Set(['list', 'watch']);

/**
 * A list of one object by name is authorized under that name, so that roles with resourceNames allow it. That a selector
 * makes no sense is not said before it is known who asks. Source: apiserver's RequestInfoFactory.
 */
function nameInSelector(fieldSelector: string | undefined): string {
  if (!fieldSelector?.includes('metadata.name')) return '';
  try {
    const named = parseFieldSelector(fieldSelector).find(
      ({ path, operator }) => path === 'metadata.name' && operator === '=',
    );
    return named && pathSegmentErrors(named.value).length === 0 ? named.value : '';
  } catch (error) {
    if (hasReason(error, 'BadRequest')) return '';
    throw error;
  }
}
