import { CommandError } from '../command/command-error.ts';
import type { ApiGroup, ApiResource } from './discovery.ts';
import { splitApiVersion } from './kube-object.ts';

/** Finds resources by what people call them. */
export interface ResourceMapper {
  readonly groups: readonly ApiGroup[];
  /** The resource of `po`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`; throws when there is none. */
  resource(name: string): ApiResource;
  /** The resources of a category such as `all`; undefined when it is none. */
  category(name: string): readonly ApiResource[] | undefined;
  /** The resource of a kind; undefined when the server does not have it. */
  kind(apiVersion: string, kind: string): ApiResource | undefined;
}

/** Indexes the server's resources. Earlier groups and preferred versions win. */
export function createResourceMapper(groups: readonly ApiGroup[]): ResourceMapper {
  const preferred = groups.flatMap(preferredResources);
  const all = groups.flatMap((group) => group.versions.flatMap((version) => version.resources));
  return {
    groups,
    resource(name) {
      const found = byQualifiedName(name.toLowerCase(), preferred, all);
      if (!found) throw new CommandError(`the server doesn't have a resource type ${JSON.stringify(name)}`);
      return found;
    },
    category(name) {
      const members = preferred.filter(
        (resource) => resource.categories.includes(name) && resource.verbs.includes('list'),
      );
      return members.length === 0 ? undefined : members;
    },
    kind(apiVersion, kind) {
      const { group, version } = splitApiVersion(apiVersion);
      return all.find((one) => one.group === group && one.version === version && one.kind === kind);
    },
  };
}

/** Of each resource of a group the version that is preferred. */
export function preferredResources(group: ApiGroup): readonly ApiResource[] {
  const found = new Map<string, ApiResource>();
  for (const { resources } of group.versions) {
    for (const resource of resources) if (!found.has(resource.plural)) found.set(resource.plural, resource);
  }
  return [...found.values()];
}

function byQualifiedName(
  name: string,
  preferred: readonly ApiResource[],
  all: readonly ApiResource[],
): ApiResource | undefined {
  const [plain = '', ...dotted] = name.split('.');
  if (dotted.length === 0) return byName(plain, preferred);
  const group = dotted.join('.');
  const [version = '', ...versioned] = dotted;
  return (
    byName(
      plain,
      preferred.filter((one) => one.group === group),
    ) ??
    byName(
      plain,
      all.filter((one) => one.version === version && one.group === versioned.join('.')),
    ) ??
    byName(
      plain,
      preferred.filter((one) => one.group.startsWith(group)),
    )
  );
}

function byName(name: string, resources: readonly ApiResource[]): ApiResource | undefined {
  return (
    resources.find((one) => one.plural === name) ??
    resources.find((one) => one.singular === name || one.kind.toLowerCase() === name) ??
    resources.find((one) => one.shortNames.includes(name))
  );
}
