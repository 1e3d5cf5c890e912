/** What discovery says of a resource. Source: apidiscovery.k8s.io/v2. */
import type { Resource } from '../../machinery/resource.ts';
import { subresourceKind } from './subresource-kinds.ts';

/** Names a kind. */
export interface DiscoveredKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A part of an object with a path of its own. */
export interface SubresourceDiscovery {
  readonly subresource: string;
  readonly responseKind?: DiscoveredKind;
  readonly verbs: readonly string[];
}

/** A resource, as the aggregated document shows it. */
export interface ResourceDiscovery {
  readonly resource: string;
  readonly responseKind?: DiscoveredKind;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly SubresourceDiscovery[];
  /** The kind whose version objects are stored in, for the hash that only the plain documents show. */
  readonly storedKind?: DiscoveredKind;
}

/** The entries of some kinds, by name. */
export function discoveredResources(resources: readonly Resource[]): readonly ResourceDiscovery[] {
  return [...resources].sort((a, b) => (a.plural < b.plural ? -1 : 1)).map(resourceEntry);
}

function resourceEntry(resource: Resource): ResourceDiscovery {
  const isStored = resource.verbs.includes('get');
  return {
    resource: resource.plural,
    responseKind: kindOf(resource),
    scope: resource.scope,
    singularResource: resource.singular,
    verbs: [...resource.verbs].sort(),
    ...(resource.shortNames?.length ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories?.length ? { categories: resource.categories } : {}),
    ...(resource.subresources.length === 0 ? {} : { subresources: subresourceEntries(resource) }),
    ...(isStored ? { storedKind: kindOf(resource.storedAs?.resource ?? resource) } : {}),
  };
}

function subresourceEntries(resource: Resource): readonly SubresourceDiscovery[] {
  return [...resource.subresources].sort().map((subresource) => {
    const { group, version, kind, verbs } = subresourceKind(resource, subresource);
    return { subresource, responseKind: { group, version, kind }, verbs };
  });
}

function kindOf({ group, version, kind }: Resource): DiscoveredKind {
  return { group, version, kind };
}
