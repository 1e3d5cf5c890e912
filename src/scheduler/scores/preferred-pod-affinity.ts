import { countByDomain } from '../pod-affinity.ts';
import type { AffinityTerm } from '../pod-affinity.ts';
import type { PodInfo } from '../pod-info.ts';
import type { ScorePlugin, Snapshot } from '../plugin.ts';

type Count = (key: string, domain: string, amount: number) => void;

/** Prefers company that the pod, or the pods that are there, would like, over company they would avoid. */
export const preferredPodAffinity: ScorePlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  normalize: 'most',
  prepare(info, snapshot) {
    const scores = new Map<string, Map<string, number>>();
    const count: Count = (key, domain, amount) => {
      const domains = scores.get(key) ?? new Map<string, number>();
      scores.set(key, domains.set(domain, (domains.get(domain) ?? 0) + amount));
    };
    for (const { topologyKey, group, weight } of info.affinities.preferred) {
      for (const [domain, pods] of countByDomain(snapshot, topologyKey, group))
        count(topologyKey, domain, pods * weight);
    }
    countPreferencesOfOthers(info, snapshot, count);
    if (scores.size === 0) return undefined;
    return ({ labels }) => [...scores].reduce((sum, [key, domains]) => sum + (domains.get(labels[key] ?? '') ?? 0), 0);
  },
};

/** Where a running pod prefers or, which counts 1, requires pods like this one. Source: hardPodAffinityWeight. */
function countPreferencesOfOthers({ pod }: PodInfo, snapshot: Snapshot, count: Count): void {
  const namespaceLabels = (name: string): Readonly<Record<string, string>> => snapshot.namespaceLabels(name);
  for (const { particularPods, labels } of snapshot.nodes) {
    for (const { affinities } of particularPods) {
      const take = ({ topologyKey, group, weight }: AffinityTerm): void => {
        const domain = labels[topologyKey];
        if (domain !== undefined && group.holds(pod, namespaceLabels)) count(topologyKey, domain, weight);
      };
      affinities.preferred.forEach(take);
      affinities.required.forEach(take);
    }
  }
}
