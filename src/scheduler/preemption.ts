import { fitsNode } from './choose-node.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Refusals } from './failure-message.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { FilterPlugin } from './plugin.ts';

/** Where room can be made, and at whose cost. */
export interface PreemptionPlan {
  readonly node: NodeInfo;
  /** Most important first. */
  readonly victims: readonly PodInfo[];
}

/** Nodes that are looked at: a tenth, at least a hundred. Source: MinCandidateNodesPercentage, MinCandidateNodesAbsolute. */
const candidates = { share: 0.1, least: 100 };

/** Why a pod may not preempt at all, as upstream words it; undefined when it may. `nominated`: where it already made room. */
export function preemptionRefused(pod: PodInfo, nominated: NodeInfo | undefined): string | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const isEnding = [...(nominated?.pods.values() ?? [])].some(
    (other) => other.priority < pod.priority && other.pod.metadata.deletionTimestamp !== undefined,
  );
  return isEnding ? 'not eligible due to terminating pod on the nominated node.' : undefined;
}

/**
 * Finds the node on which the fewest and least important pods must go for `pod` to fit. Tries it out on `state`, which
 * is unchanged when it returns. Source: the plug-in DefaultPreemption.
 */
export function planPreemption(
  pod: PodInfo,
  state: ClusterState,
  context: { readonly filters: readonly FilterPlugin[]; readonly refusals: Refusals },
): PreemptionPlan | undefined {
  const { filters, refusals } = context;
  const limit = Math.max(candidates.least, Math.floor(state.nodes.length * candidates.share));
  const plans: PreemptionPlan[] = [];
  for (const [name, reasons] of refusals) {
    const node = state.node(name);
    if (!node || plans.length >= limit || reasons.some(({ preemptible }) => !preemptible)) continue;
    const victims = victimsOn(node, { pod, state, filters });
    if (victims) plans.push({ node, victims });
  }
  return plans.toSorted(compare)[0];
}

function victimsOn(
  node: NodeInfo,
  trial: { readonly pod: PodInfo; readonly state: ClusterState; readonly filters: readonly FilterPlugin[] },
): readonly PodInfo[] | undefined {
  const { pod, state, filters } = trial;
  const lesser = [...node.pods.values()].filter(({ priority }) => priority < pod.priority).toSorted(byImportance);
  if (lesser.length === 0) return undefined;
  const fits = (): boolean => fitsNode(pod, node, { snapshot: state, filters });
  for (const { pod: other } of lesser) state.unplace(other.metadata.uid);
  const victims: PodInfo[] = [];
  const helps = fits();
  for (const other of lesser) {
    // The important ones are spared first, as far as the pod still fits.
    state.restore(other, node.name);
    if (!helps || fits()) continue;
    state.unplace(other.pod.metadata.uid);
    victims.push(other);
  }
  for (const victim of victims) state.restore(victim, node.name);
  return helps && victims.length > 0 ? victims : undefined;
}

function byImportance(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startOf(a) - startOf(b);
}

function startOf({ pod }: PodInfo): number {
  return Date.parse(pod.status.startTime ?? pod.metadata.creationTimestamp);
}

/** Best first: the least important top victim, the least importance in sum, the fewest, the one that ran shortest. */
function compare(a: PreemptionPlan, b: PreemptionPlan): number {
  const top = ({ victims }: PreemptionPlan): number => victims[0]?.priority ?? 0;
  // Shifted, so that many of negative priority do not count less than few.
  const sum = ({ victims }: PreemptionPlan): number =>
    victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
  const start = (plan: PreemptionPlan): number =>
    Math.min(...plan.victims.filter(({ priority }) => priority === top(plan)).map(startOf));
  return top(a) - top(b) || sum(a) - sum(b) || a.victims.length - b.victims.length || start(b) - start(a);
}
