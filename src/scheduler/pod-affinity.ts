import type { PodAffinityTerm, WeightedPodAffinityTerm } from '../api/core/pod-spec.ts';
import type { Pod } from '../api/core/pod.ts';
import { labelSelectorMatcher } from '../machinery/selector.ts';
import type { Snapshot } from './plugin.ts';

/** Labels of a namespace. */
export type NamespaceLabels = (name: string) => Readonly<Record<string, string>>;

/** The pods that some selector speaks of, ready to be matched. */
export interface PodGroup {
  /** Names everything that `holds` depends on: equal for groups of the same pods. */
  readonly key: string;
  /** Whether it depends on the labels of namespaces. */
  readonly usesNamespaces: boolean;
  holds(pod: Pod, namespaceLabels: NamespaceLabels): boolean;
}

/** An affinity or anti-affinity term. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly group: PodGroup;
  /** Negative where company is to be avoided. */
  readonly weight: number;
}

/** Everything that a pod says of other pods. */
export interface PodAffinities {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
}

const indifferent: PodAffinities = { required: [], requiredAnti: [], preferred: [] };

/** Digests the affinity of a pod. */
export function affinitiesOf(pod: Pod): PodAffinities {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return indifferent;
  const term = (from: PodAffinityTerm, weight = 1): AffinityTerm => ({
    topologyKey: from.topologyKey,
    group: podGroupOf(from, pod),
    weight,
  });
  const weighted = (terms: readonly WeightedPodAffinityTerm[] | undefined, sign: 1 | -1): readonly AffinityTerm[] =>
    (terms ?? []).map(({ podAffinityTerm, weight }) => term(podAffinityTerm, sign * weight));
  return {
    required: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => term(t)),
    requiredAnti: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => term(t)),
    preferred: [
      ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
      ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
    ],
  };
}

/** The pods that a term of `owner` speaks of: its namespaces, and its selector with matchLabelKeys worked in. */
export function podGroupOf(term: Omit<PodAffinityTerm, 'topologyKey'>, owner: Pod): PodGroup {
  const selects = labelSelectorMatcher(term.labelSelector);
  const named = new Set(term.namespaces ?? []);
  const byLabel = term.namespaceSelector === undefined ? undefined : labelSelectorMatcher(term.namespaceSelector);
  if (named.size === 0 && !byLabel) named.add(owner.metadata.namespace ?? '');
  const own = owner.metadata.labels ?? {};
  const withOwn = (keys: readonly string[] | undefined): readonly (readonly [string, string])[] =>
    (keys ?? []).flatMap((key) => (own[key] === undefined ? [] : [[key, own[key]] as const]));
  const same = withOwn(term.matchLabelKeys);
  const different = withOwn(term.mismatchLabelKeys);
  return {
    key: JSON.stringify([term.labelSelector, [...named], term.namespaceSelector, same, different]),
    usesNamespaces: byLabel !== undefined,
    holds(pod, namespaceLabels) {
      const namespace = pod.metadata.namespace ?? '';
      const labels = pod.metadata.labels ?? {};
      if (!named.has(namespace) && !byLabel?.(namespaceLabels(namespace))) return false;
      return (
        selects(labels) &&
        same.every(([key, value]) => labels[key] === value) &&
        different.every(([key, value]) => labels[key] !== value)
      );
    },
  };
}

/** The pods of a group that are not on their way out. */
export function staying(group: PodGroup): PodGroup {
  return {
    key: `staying ${group.key}`,
    usesNamespaces: group.usesNamespaces,
    holds: (pod, namespaceLabels) => !pod.metadata.deletionTimestamp && group.holds(pod, namespaceLabels),
  };
}

/** How many pods of a group run in each domain of a topology key: `zone=a` → 3. */
export function countByDomain(snapshot: Snapshot, topologyKey: string, group: PodGroup): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name, here] of snapshot.countsOf(group)) {
    const domain = snapshot.node(name)?.labels[topologyKey];
    if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  return counts;
}
