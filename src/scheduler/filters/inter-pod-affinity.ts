import type { PodAffinityTerm } from '../../api/core/pod-spec.ts';
import type { Pod } from '../../api/core/pod.ts';
import { countByDomain, podMatcherOf } from '../pod-affinity.ts';
import { busy, fits, never } from '../plugin.ts';
import type { FilterPlugin, Refusal, Snapshot } from '../plugin.ts';

/** Keeps pods near those they require and away from those they exclude, or that exclude them. */
export const interPodAffinity: FilterPlugin = {
  name: 'InterPodAffinity',
  prepare({ pod }, snapshot) {
    const affinity = affinityTerms(pod).map((term) => affinityRule(term, pod, snapshot));
    const antiAffinity = antiAffinityTerms(pod).map((term) => ({
      key: term.topologyKey,
      taken: countByDomain(snapshot, term.topologyKey, podMatcherOf(term, pod, snapshot)),
    }));
    const excluded = excludedDomains(pod, snapshot);
    if (affinity.length + antiAffinity.length + excluded.size === 0) return undefined;
    return ({ labels }) => {
      const refusals: Refusal[] = [];
      if (!affinity.every((rule) => rule(labels))) refusals.push(never("node(s) didn't match pod affinity rules"));
      if (antiAffinity.some(({ key, taken }) => labels[key] !== undefined && taken.has(labels[key]))) {
        refusals.push(busy("node(s) didn't match pod anti-affinity rules"));
      }
      if ([...excluded].some(([key, domains]) => labels[key] !== undefined && domains.has(labels[key]))) {
        refusals.push(busy("node(s) didn't satisfy existing pods anti-affinity rules"));
      }
      return refusals.length === 0 ? fits : refusals;
    };
  },
};

function affinityTerms(pod: Pod): readonly PodAffinityTerm[] {
  return pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function antiAffinityTerms(pod: Pod): readonly PodAffinityTerm[] {
  return pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** The first pod of a group that requires its own kind may go anywhere, as long as the topology key is there. */
function affinityRule(
  term: PodAffinityTerm,
  pod: Pod,
  snapshot: Snapshot,
): (labels: Readonly<Record<string, string>>) => boolean {
  const matches = podMatcherOf(term, pod, snapshot);
  const counts = countByDomain(snapshot, term.topologyKey, matches);
  const isFirst = counts.size === 0 && matches(pod);
  return (labels) => {
    const domain = labels[term.topologyKey];
    return domain !== undefined && (isFirst || counts.has(domain));
  };
}

/** Domains, by topology key, in which some running pod refuses the company of this one. */
function excludedDomains(pod: Pod, snapshot: Snapshot): ReadonlyMap<string, ReadonlySet<string>> {
  const excluded = new Map<string, Set<string>>();
  for (const node of snapshot.nodes) {
    for (const existing of node.pods.values()) {
      for (const term of antiAffinityTerms(existing.pod)) {
        const domain = node.labels[term.topologyKey];
        if (domain === undefined || !podMatcherOf(term, existing.pod, snapshot)(pod)) continue;
        excluded.set(term.topologyKey, (excluded.get(term.topologyKey) ?? new Set()).add(domain));
      }
    }
  }
  return excluded;
}
