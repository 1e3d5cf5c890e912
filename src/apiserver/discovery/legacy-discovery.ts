/** The discovery documents of the first generation: APIVersions, APIGroupList, APIGroup, APIResourceList. */
import type { Resource } from '../../machinery/resource.ts';
import type { ApiGroup } from './api-groups.ts';
import { subresourceKind } from './subresource-kinds.ts';

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
export function apiResourceList(groupVersion: string, resources: readonly Resource[]): object {
  return {
    kind: 'APIResourceList',
    ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.flatMap((resource) => [resourceEntry(resource), ...subresourceEntries(resource)]),
  };
}

function resourceEntry(resource: Resource): object {
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.verbs,
    ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories ? { categories: resource.categories } : {}),
  };
}

function subresourceEntries(resource: Resource): object[] {
  return resource.subresources.map((subresource) => {
    const { group, version, kind, verbs } = subresourceKind(resource, subresource);
    const foreign = group !== resource.group || version !== resource.version;
    return {
      name: `${resource.plural}/${subresource}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(foreign ? { group, version } : {}),
      kind,
      verbs,
    };
  });
}
