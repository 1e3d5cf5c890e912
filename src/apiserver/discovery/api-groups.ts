/** The served kinds by group and version, in the order in which discovery shows them. */
import type { Resource } from '../../machinery/resource.ts';

/** A group and its versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly Resource[] }[];
}

/** Groups the served kinds; the core group has the name ''. */
export function apiGroups(resources: readonly Resource[]): readonly ApiGroup[] {
  const byGroup = Map.groupBy(resources, ({ group }) => group);
  return [...byGroup].map(([name, members]) => ({
    name,
    versions: [...Map.groupBy(members, ({ version }) => version)]
      .map(([version, resources]) => ({ version, resources }))
      .sort((a, b) => compareVersions(a.version, b.version)),
  }));
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
