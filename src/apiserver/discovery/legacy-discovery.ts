/** The discovery documents of the first generation: APIVersions, APIGroupList, APIGroup, APIResourceList. */
import { createHash } from 'node:crypto';
import type { ApiGroup } from './api-groups.ts';
import type { DiscoveredKind, ResourceDiscovery } from './resource-discovery.ts';

/** The document at /api. */
export function apiVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** The document at /apis. */
export function apiGroupList(groups: readonly ApiGroup[]): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

/** The document at /apis/GROUP. */
export function apiGroup(group: ApiGroup): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
}

function groupEntry(group: ApiGroup): object {
  const versions = group.versions.map(({ version }) => ({ groupVersion: `${group.name}/${version}`, version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

/** The document at /api/v1 and /apis/GROUP/VERSION. */
export function apiResourceList(groupVersion: string, resources: readonly ResourceDiscovery[]): object {
  return {
    kind: 'APIResourceList',
    ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.flatMap((resource) => [resourceEntry(resource), ...subresourceEntries(resource)]),
  };
}

function resourceEntry(resource: ResourceDiscovery): object {
  return {
    name: resource.resource,
    singularName: resource.singularResource,
    namespaced: resource.scope === 'Namespaced',
    kind: resource.responseKind?.kind,
    verbs: resource.verbs,
    ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories ? { categories: resource.categories } : {}),
    ...(resource.storedKind ? { storageVersionHash: storageVersionHash(resource.storedKind) } : {}),
  };
}

function subresourceEntries(resource: ResourceDiscovery): readonly object[] {
  const own = resource.responseKind;
  return (resource.subresources ?? []).map(({ subresource, responseKind, verbs }) => {
    const foreign = responseKind?.group !== own?.group || responseKind?.version !== own?.version;
    return {
      name: `${resource.resource}/${subresource}`,
      singularName: '',
      namespaced: resource.scope === 'Namespaced',
      ...(foreign ? { group: responseKind?.group, version: responseKind?.version } : {}),
      kind: responseKind?.kind,
      verbs,
    };
  });
}

/** Tells clients when objects are stored in another version. Source: apiserver's endpoints/discovery. */
function storageVersionHash({ group, version, kind }: DiscoveredKind): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}
