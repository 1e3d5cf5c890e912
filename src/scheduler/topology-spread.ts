import type { TopologySpreadConstraint } from '../api/core/pod-spec.ts';
import type { Pod } from '../api/core/pod.ts';
import { isSelectedNode } from './node-selection.ts';
import type { NodeInfo } from './node-info.ts';
import { podGroupOf, staying } from './pod-affinity.ts';
import type { Snapshot } from './plugin.ts';
import { toleratesTaint } from './tolerations.ts';

/** How the pods of one constraint lie over its domains. */
export interface Spread {
  readonly constraint: TopologySpreadConstraint;
  /** Matching pods per domain; domains without any are there with 0. */
  readonly counts: ReadonlyMap<string, number>;
  /** 1 when the pod itself would be counted. */
  readonly self: 0 | 1;
}

/** Counts the pods of a constraint of `pod` over the nodes that the constraint's policies let count. */
export function spreadOf(constraint: TopologySpreadConstraint, pod: Pod, snapshot: Snapshot): Spread {
  const { labelSelector, matchLabelKeys } = constraint;
  const group = podGroupOf({ labelSelector, matchLabelKeys }, pod);
  const perNode = snapshot.countsOf(staying(group));
  const counts = new Map<string, number>();
  for (const node of snapshot.nodes) {
    const domain = node.labels[constraint.topologyKey];
    if (domain === undefined || !mayCount(constraint, pod, node)) continue;
    counts.set(domain, (counts.get(domain) ?? 0) + (perNode.get(node.name) ?? 0));
  }
  return { constraint, counts, self: group.holds(pod, () => ({})) ? 1 : 0 };
}

function mayCount(constraint: TopologySpreadConstraint, pod: Pod, node: NodeInfo): boolean {
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  if (nodeAffinityPolicy === 'Honor' && !isSelectedNode(pod, node)) return false;
  if (nodeTaintsPolicy === 'Ignore') return true;
  return (node.node.spec.taints ?? []).every(
    (taint) => taint.effect === 'PreferNoSchedule' || toleratesTaint(pod.spec.tolerations, taint),
  );
}

/** The least crowded domain's count; 0 while there are fewer domains than `minDomains`. */
export function leastCount({ constraint, counts }: Spread): number {
  if (counts.size < (constraint.minDomains ?? 1)) return 0;
  return counts.size === 0 ? 0 : Math.min(...counts.values());
}
