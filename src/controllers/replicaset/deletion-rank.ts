import { isPodActive, isPodReady, readyCondition } from '../pod-state.ts';
import type { Pod } from '../../api/core/pod.ts';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Picks the `count` pods whose loss matters least: not yet assigned, not running, not ready, cheaper by
 * `controller.kubernetes.io/pod-deletion-cost`, on nodes with more related pods, ready or created more recently,
 * restarted more often. `related`: pods of the same workload, counted per node. Source: controller.ActivePodsWithRanks.
 */
export function podsToDelete(options: {
  readonly pods: readonly Pod[];
  readonly related: readonly Pod[];
  readonly count: number;
  readonly now: number;
}): readonly Pod[] {
  const { pods, related, count, now } = options;
  if (count >= pods.length) return pods;
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName;
    if (node && isPodActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Pod): number => perNode.get(pod.spec.nodeName ?? '') ?? 0;
  return pods.toSorted((a, b) => compare(a, b, { rank, now })).slice(0, count);
}

function compare(a: Pod, b: Pod, context: { readonly rank: (pod: Pod) => number; readonly now: number }): number {
  const { rank, now } = context;
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    phase(a) - phase(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    compareAge(readySince(a), readySince(b), now) ||
    restarts(b) - restarts(a) ||
    compareAge(Date.parse(a.metadata.creationTimestamp), Date.parse(b.metadata.creationTimestamp), now) ||
    (a.metadata.uid < b.metadata.uid ? -1 : 1)
  );
}

/** Younger first, but ages within the same power of two count as equal, so that the choice among them is spread. */
function compareAge(a: number | undefined, b: number | undefined, now: number): number {
  if (a === undefined || b === undefined) return 0;
  return magnitude(now - a) - magnitude(now - b);
}

function magnitude(age: number): number {
  return age <= 0 ? -1 : Math.floor(Math.log2(age * 1e6));
}

function phase(pod: Pod): number {
  return phaseOrder[pod.status.phase ?? 'Pending'] ?? 0;
}

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
  return Number.isInteger(cost) ? cost : 0;
}

function readySince(pod: Pod): number | undefined {
  if (!isPodReady(pod)) return undefined;
  const since = Date.parse(readyCondition(pod)?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? undefined : since;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status.containerStatuses ?? []).map((status) => status.restartCount));
}
