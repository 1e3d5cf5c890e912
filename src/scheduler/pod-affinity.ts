import type { PodAffinityTerm } from '../api/core/pod-spec.ts';
import type { Pod } from '../api/core/pod.ts';
import { labelSelectorMatcher } from '../machinery/selector.ts';
import type { NodeInfo } from './node-info.ts';
import type { Snapshot } from './plugin.ts';

/** Whether a pod is one that a term of `owner` speaks of. */
export type PodMatcher = (pod: Pod) => boolean;

/** The matcher of a (anti-)affinity term of `owner`: its namespaces and its selector with matchLabelKeys worked in. */
export function podMatcherOf(term: PodAffinityTerm, owner: Pod, snapshot: Snapshot): PodMatcher {
  const selects = labelSelectorMatcher(term.labelSelector);
  const named = new Set(term.namespaces ?? []);
  const byLabel = term.namespaceSelector === undefined ? undefined : labelSelectorMatcher(term.namespaceSelector);
  if (named.size === 0 && !byLabel) named.add(owner.metadata.namespace ?? '');
  const own = owner.metadata.labels ?? {};
  const same = (term.matchLabelKeys ?? []).filter((key) => key in own);
  const different = (term.mismatchLabelKeys ?? []).filter((key) => key in own);
  return (pod) => {
    const namespace = pod.metadata.namespace ?? '';
    const labels = pod.metadata.labels ?? {};
    if (!named.has(namespace) && !byLabel?.(snapshot.namespaceLabels(namespace))) return false;
    return (
      selects(labels) &&
      same.every((key) => labels[key] === own[key]) &&
      different.every((key) => labels[key] !== own[key])
    );
  };
}

/** How many matching pods run in each domain of a topology key: `zone=a` → 3. */
export function countByDomain(
  snapshot: Snapshot,
  topologyKey: string,
  matches: PodMatcher,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of snapshot.nodes) {
    const domain = node.labels[topologyKey];
    if (domain === undefined) continue;
    const here = countMatching(node, matches);
    if (here > 0) counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  return counts;
}

/** How many pods of a node match and are not on their way out. */
export function countMatching(node: NodeInfo, matches: PodMatcher): number {
  let count = 0;
  for (const { pod } of node.pods.values()) if (!pod.metadata.deletionTimestamp && matches(pod)) count++;
  return count;
}
