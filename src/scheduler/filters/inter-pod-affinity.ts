import { busy, fits, never } from '../plugin.ts';
import type { FilterPlugin, Refusal, Snapshot } from '../plugin.ts';
import { countByDomain } from '../pod-affinity.ts';
import type { AffinityTerm } from '../pod-affinity.ts';
import type { PodInfo } from '../pod-info.ts';

type Labels = Readonly<Record<string, string>>;

/** Keeps pods near those they require and away from those they exclude, or that exclude them. */
export const interPodAffinity: FilterPlugin = {
  name: 'InterPodAffinity',
  wakes: ['node', 'namespace', 'pod-placed', 'pod-changed', 'pod-gone'],
  prepare(info, snapshot) {
    const { required, requiredAnti } = info.affinities;
    const wanted = affinityRule(info, snapshot);
    const taken = requiredAnti.map(({ topologyKey, group }) => ({
      key: topologyKey,
      domains: countByDomain(snapshot, topologyKey, group),
    }));
    const excluded = excludedDomains(info, snapshot);
    if (required.length + requiredAnti.length + excluded.size === 0) return undefined;
    return ({ labels }) => {
      const refusals: Refusal[] = [];
      if (!wanted(labels)) refusals.push(never("node(s) didn't match pod affinity rules"));
      if (taken.some(({ key, domains }) => labels[key] !== undefined && domains.has(labels[key]))) {
        refusals.push(busy("node(s) didn't match pod anti-affinity rules"));
      }
      if ([...excluded].some(([key, domains]) => labels[key] !== undefined && domains.has(labels[key]))) {
        refusals.push(busy("node(s) didn't satisfy existing pods anti-affinity rules"));
      }
      return refusals.length === 0 ? fits : refusals;
    };
  },
};

/** The first pod of a group that requires its own kind may go anywhere, as long as the topology keys are there. */
function affinityRule({ pod, affinities: { required } }: PodInfo, snapshot: Snapshot): (labels: Labels) => boolean {
  const rules = required.map((term) => ({ term, counts: countByDomain(snapshot, term.topologyKey, term.group) }));
  const isFirst =
    rules.every(({ counts }) => counts.size === 0) &&
    required.every(({ group }) => group.holds(pod, (name) => snapshot.namespaceLabels(name)));
  return (labels) =>
    rules.every(({ term, counts }) => {
      const domain = labels[term.topologyKey];
      return domain !== undefined && (isFirst || counts.has(domain));
    });
}

/** Domains, by topology key, in which some running pod refuses the company of this one. */
function excludedDomains({ pod }: PodInfo, snapshot: Snapshot): ReadonlyMap<string, ReadonlySet<string>> {
  const excluded = new Map<string, Set<string>>();
  const namespaceLabels = (name: string): Labels => snapshot.namespaceLabels(name);
  const exclude = ({ topologyKey, group }: AffinityTerm, labels: Labels): void => {
    const domain = labels[topologyKey];
    if (domain === undefined || excluded.get(topologyKey)?.has(domain) || !group.holds(pod, namespaceLabels)) return;
    excluded.set(topologyKey, (excluded.get(topologyKey) ?? new Set()).add(domain));
  };
  for (const { particularPods, labels } of snapshot.nodes) {
    for (const { affinities } of particularPods) for (const term of affinities.requiredAnti) exclude(term, labels);
  }
  return excluded;
}
