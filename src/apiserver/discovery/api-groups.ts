/** The served kinds by group and version, in the order in which discovery shows them. */
import type { Resource } from '../../machinery/resource.ts';
import { builtinPriority, customPriority } from './group-priorities.ts';
import type { GroupVersionPriority } from './group-priorities.ts';
import { discoveredResources } from './resource-discovery.ts';
import type { ResourceDiscovery } from './resource-discovery.ts';

/** A version of a group. */
export interface DiscoveredVersion {
  readonly version: string;
  readonly resources: readonly ResourceDiscovery[];
  /** Stale: what its server said last, which can't be reached now. */
  readonly freshness: 'Current' | 'Stale';
}

/** A group and its versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly DiscoveredVersion[];
}

/** A version of a group that another server serves. */
export interface RemoteGroupVersion extends DiscoveredVersion {
  readonly group: string;
  readonly priority: GroupVersionPriority;
}

interface Entry extends RemoteGroupVersion {}

/** Groups the kinds of this server and of others; the core group has the name ''. */
export function apiGroups(
  resources: readonly Resource[],
  remote: readonly RemoteGroupVersion[] = [],
): readonly ApiGroup[] {
  const isRemote = new Set(remote.map(({ group, version }) => `${group}/${version}`));
  const local = [...Map.groupBy(resources, ({ group, version }) => `${group}/${version}`)]
    .filter(([name]) => !isRemote.has(name))
    .map(([, members]) => localEntry(members));
  const byGroup = Map.groupBy([...local, ...remote], ({ group }) => group);
  return [...byGroup]
    .map(([name, entries]) => ({ name, entries, priority: Math.max(...entries.map(({ priority }) => priority.group)) }))
    .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
    .map(({ name, entries }) => ({ name, versions: entries.sort(byVersion) }));
}

function localEntry(resources: readonly Resource[]): Entry {
  const { group = '', version = '' } = resources[0] ?? {};
  return {
    group,
    version,
    priority: builtinPriority(group, version) ?? customPriority,
    resources: discoveredResources(resources),
    freshness: 'Current',
  };
}

function byVersion(a: Entry, b: Entry): number {
  return b.priority.version - a.priority.version || compareVersions(a.version, b.version);
}

/** Orders versions as upstream does: v2, v1, v2beta1, v1beta1, v1alpha1, then others by name. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [rank(a), rank(b)];
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return (y[i] ?? 0) - (x[i] ?? 0);
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(version: string): readonly number[] {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version);
  if (!match) return [0, 0, 0];
  const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
