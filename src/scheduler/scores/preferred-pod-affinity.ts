import type { WeightedPodAffinityTerm } from '../../api/core/pod-spec.ts';
import type { Pod } from '../../api/core/pod.ts';
import { countByDomain, podMatcherOf } from '../pod-affinity.ts';
import type { ScorePlugin, Snapshot } from '../plugin.ts';

/** Prefers company that the pod, or the pods that are there, would like, over company they would avoid. */
export const preferredPodAffinity: ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  normalize: 'most',
  prepare({ pod }, snapshot) {
    const scores = new Map<string, Map<string, number>>();
    const count = (key: string, domain: string, amount: number): void => {
      const domains = scores.get(key) ?? new Map<string, number>();
      scores.set(key, domains.set(domain, (domains.get(domain) ?? 0) + amount));
    };
    for (const { term, weight } of preferences(pod)) {
      const matches = podMatcherOf(term, pod, snapshot);
      for (const [domain, pods] of countByDomain(snapshot, term.topologyKey, matches)) {
        count(term.topologyKey, domain, pods * weight);
      }
    }
    countPreferencesOfOthers(pod, snapshot, count);
    if (scores.size === 0) return undefined;
    return ({ labels }) => [...scores].reduce((sum, [key, domains]) => sum + (domains.get(labels[key] ?? '') ?? 0), 0);
  },
};

function countPreferencesOfOthers(
  pod: Pod,
  snapshot: Snapshot,
  count: (key: string, domain: string, amount: number) => void,
): void {
  for (const node of snapshot.nodes) {
    for (const existing of node.pods.values()) {
      for (const { term, weight } of preferences(existing.pod)) {
        const domain = node.labels[term.topologyKey];
        if (domain !== undefined && podMatcherOf(term, existing.pod, snapshot)(pod))
          count(term.topologyKey, domain, weight);
      }
    }
  }
}

function preferences(
  pod: Pod,
): readonly { readonly term: WeightedPodAffinityTerm['podAffinityTerm']; readonly weight: number }[] {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const signed = (terms: readonly WeightedPodAffinityTerm[] | undefined, sign: 1 | -1) =>
    (terms ?? []).map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight: sign * weight }));
  return [
    ...signed(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
    ...signed(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
  ];
}
