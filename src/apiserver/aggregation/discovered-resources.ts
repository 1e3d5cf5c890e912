/** Reads other servers' discovery documents, of either generation, into one form. */
import type { DiscoveredKind, ResourceDiscovery, SubresourceDiscovery } from '../discovery/resource-discovery.ts';

type Members = Readonly<Record<string, unknown>>;

/** The resources of a group version in an APIGroupDiscoveryList or an APIResourceList; undefined if it has none of it. */
export function resourcesOf(
  document: Members,
  group: string,
  version: string,
): readonly ResourceDiscovery[] | undefined {
  return document['kind'] === 'APIGroupDiscoveryList'
    ? ofAggregated(document, group, version)
    : ofPlain(document, { group, version });
}

function ofAggregated(document: Members, group: string, version: string): readonly ResourceDiscovery[] | undefined {
  const own = members(document['items']).find((item) => (text(membersOf(item['metadata'])['name']) ?? '') === group);
  const served = members(own?.['versions']).find((one) => one['version'] === version);
  if (!served) return undefined;
  return members(served['resources']).map((one) => ({
    ...commonOf(one),
    resource: text(one['resource']) ?? '',
    scope: one['scope'] === 'Namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: text(one['singularResource']) ?? '',
    ...kindMember(one['responseKind']),
    ...listMember('subresources', members(one['subresources']).map(subresourceOf)),
  }));
}

function subresourceOf(one: Members): SubresourceDiscovery {
  return {
    subresource: text(one['subresource']) ?? '',
    verbs: texts(one['verbs']),
    ...kindMember(one['responseKind']),
  };
}

function ofPlain(
  document: Members,
  own: { readonly group: string; readonly version: string },
): readonly ResourceDiscovery[] {
  const all = members(document['resources']);
  const kindOf = (one: Members): DiscoveredKind => ({
    group: text(one['group']) || own.group,
    version: text(one['version']) || own.version,
    kind: text(one['kind']) ?? '',
  });
  return all
    .filter((one) => !text(one['name'])?.includes('/'))
    .map((one) => {
      const prefix = `${text(one['name']) ?? ''}/`;
      const parts = all.filter((other) => text(other['name'])?.startsWith(prefix));
      const subresources = parts.map((part) => ({
        subresource: (text(part['name']) ?? '').slice(prefix.length),
        responseKind: kindOf(part),
        verbs: texts(part['verbs']),
      }));
      return {
        ...commonOf(one),
        resource: text(one['name']) ?? '',
        scope: one['namespaced'] === true ? 'Namespaced' : 'Cluster',
        singularResource: text(one['singularName']) ?? '',
        responseKind: kindOf(one),
        ...listMember('subresources', subresources),
      };
    });
}

function commonOf(one: Members): Pick<ResourceDiscovery, 'verbs' | 'shortNames' | 'categories'> {
  return {
    verbs: texts(one['verbs']),
    ...listMember('shortNames', texts(one['shortNames'])),
    ...listMember('categories', texts(one['categories'])),
  };
}

function kindMember(value: unknown): { readonly responseKind?: DiscoveredKind } {
  const { group, version, kind } = membersOf(value);
  if (kind === undefined) return {};
  return { responseKind: { group: text(group) ?? '', version: text(version) ?? '', kind: text(kind) ?? '' } };
}

function listMember<N extends string, T>(name: N, items: readonly T[]): { readonly [K in N]?: readonly T[] } {
  return (items.length === 0 ? {} : { [name]: items }) as { readonly [K in N]?: readonly T[] };
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function members(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.map(membersOf) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
