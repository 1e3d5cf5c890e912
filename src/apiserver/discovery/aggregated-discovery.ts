/** Discovery of everything in one document. Source: apidiscovery.k8s.io/v2. */
import type { ApiGroup } from './api-groups.ts';

/** The APIGroupDiscoveryList of some groups, in apidiscovery `version` v2 or v2beta1. */
export function groupDiscoveryList(groups: readonly ApiGroup[], version: string): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group.name === '' ? {} : { name: group.name }), creationTimestamp: null },
      versions: group.versions.map(({ version, resources, freshness }) => ({
        version,
        resources: resources.map(({ storedKind: _storedKind, ...shown }) => shown),
        freshness,
      })),
    })),
  };
}
