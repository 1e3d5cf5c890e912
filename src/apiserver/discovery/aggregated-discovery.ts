/** Discovery of everything in one document. Source: apidiscovery.k8s.io/v2. */
import type { Resource } from '../../machinery/resource.ts';
import type { ApiGroup } from './api-groups.ts';
import { subresourceKind } from './subresource-kinds.ts';

/** The APIGroupDiscoveryList of some groups, in apidiscovery `version` v2 or v2beta1. */
export function groupDiscoveryList(groups: readonly ApiGroup[], version: string): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group.name === '' ? {} : { name: group.name }), creationTimestamp: null },
      versions: group.versions.map(({ version, resources }) => ({
        version,
        resources: resources.map(resourceEntry),
        freshness: 'Current',
      })),
    })),
  };
}

function resourceEntry(resource: Resource): object {
  const { group, version, kind } = resource;
  return {
    resource: resource.plural,
    responseKind: { group, version, kind },
    scope: resource.scope,
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories ? { categories: resource.categories } : {}),
    ...(resource.subresources.length === 0 ? {} : { subresources: subresourceEntries(resource) }),
  };
}

function subresourceEntries(resource: Resource): object[] {
  return [...resource.subresources].sort().map((subresource) => {
    const { group, version, kind, verbs } = subresourceKind(resource, subresource);
    return { subresource, responseKind: { group, version, kind }, verbs };
  });
}
