import { hasReason } from '../../base/errors.ts';
import type { ApiConnection } from '../http/api-connection.ts';

/** A resource that the server offers. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

/** A group's versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly ApiResource[] }[];
}

const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/** Asks the server for its groups and resources: in two requests where it can, else group by group. */
export async function discover(connection: ApiConnection): Promise<readonly ApiGroup[]> {
  const [core, named] = await Promise.all(
    ['/api', '/apis'].map((path) => connection.json({ path, accept: aggregated })),
  );
  const [coreGroups, namedGroups] = await Promise.all([groupsOf(core, connection), groupsOf(named, connection)]);
  return [...coreGroups, ...namedGroups];
}

/** `apps/v1`, `v1` */
export function groupVersion(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `deployments.apps`, `pods` */
export function qualifiedName(resource: { readonly group: string; readonly plural: string }): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

interface AggregatedResource {
  readonly resource: string;
  readonly responseKind?: { readonly kind?: string };
  readonly scope: string;
  readonly singularResource?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

interface DiscoveryAnswer {
  readonly kind?: string;
  readonly versions?: readonly string[];
  readonly groups?: readonly {
    readonly name: string;
    readonly versions: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly { readonly version: string; readonly resources?: readonly AggregatedResource[] }[];
  }[];
}

function groupsOf(answer: unknown, connection: ApiConnection): Promise<readonly ApiGroup[]> | readonly ApiGroup[] {
  const document = answer as DiscoveryAnswer;
  if (document.kind === 'APIGroupDiscoveryList') return (document.items ?? []).map(aggregatedGroup);
  if (document.kind === 'APIVersions')
    return legacyGroups([{ name: '', versions: document.versions ?? [] }], connection);
  const groups = (document.groups ?? []).map((group) => {
    const preferred = group.preferredVersion?.version;
    const versions = group.versions.map((one) => one.version);
    return {
      name: group.name,
      versions: versions.toSorted((a, b) => Number(b === preferred) - Number(a === preferred)),
    };
  });
  return legacyGroups(groups, connection);
}

function aggregatedGroup(item: NonNullable<DiscoveryAnswer['items']>[number]): ApiGroup {
  const name = item.metadata?.name ?? '';
  const versions = (item.versions ?? []).map(({ version, resources = [] }) => ({
    version,
    resources: resources.map((one) => ({
      group: name,
      version,
      plural: one.resource,
      singular: one.singularResource ?? '',
      kind: one.responseKind?.kind ?? '',
      namespaced: one.scope === 'Namespaced',
      shortNames: one.shortNames ?? [],
      categories: one.categories ?? [],
      verbs: one.verbs ?? [],
      subresources: (one.subresources ?? []).map((sub) => sub.subresource),
    })),
  }));
  return { name, versions };
}

interface LegacyResource {
  readonly name: string;
  readonly singularName?: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs?: readonly string[];
}

async function legacyGroups(
  groups: readonly { readonly name: string; readonly versions: readonly string[] }[],
  connection: ApiConnection,
): Promise<readonly ApiGroup[]> {
  return Promise.all(
    groups.map(async ({ name, versions }) => ({
      name,
      versions: await Promise.all(
        versions.map(async (version) => ({ version, resources: await legacyResources(name, version, connection) })),
      ),
    })),
  );
}

async function legacyResources(
  group: string,
  version: string,
  connection: ApiConnection,
): Promise<readonly ApiResource[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  let listed: readonly LegacyResource[];
  try {
    const answer = (await connection.json({ path })) as unknown as { readonly resources?: readonly LegacyResource[] };
    listed = answer.resources ?? [];
  } catch (error) {
    // A group whose server is away must not take the others with it.
    if (hasReason(error, 'ServiceUnavailable', 'NotFound', 'Forbidden')) return [];
    throw error;
  }
  const subresources = Map.groupBy(
    listed.filter((one) => one.name.includes('/')),
    (one) => one.name.split('/')[0] ?? '',
  );
  return listed
    .filter((one) => !one.name.includes('/'))
    .map((one) => ({
      group,
      version,
      plural: one.name,
      singular: one.singularName ?? '',
      kind: one.kind,
      namespaced: one.namespaced,
      shortNames: one.shortNames ?? [],
      categories: one.categories ?? [],
      verbs: one.verbs ?? [],
      subresources: (subresources.get(one.name) ?? []).map((sub) => sub.name.slice(one.name.length + 1)),
    }));
}
