import { timestamp } from '../../base/clock.ts';
import type { Node, NodeCondition, Taint } from '../../api/core/node.ts';
import { findCondition } from '../pod-state.ts';

/** Taints that the lifecycle controller sets. Source: core/v1 well_known_taints.go. */
export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';

/** Conditions that a silent kubelet leaves in doubt. */
const monitored = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Conditions other than Ready that keep new pods away while they are true. */
const pressureTaints: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
};
const unschedulableTaint = 'node.kubernetes.io/unschedulable';

/** The conditions of a node whose kubelet has been silent for too long; undefined when they already say so. */
export function silentConditions(node: Node, now: number): readonly NodeCondition[] | undefined {
  const known = node.status.conditions ?? [];
  const changed: NodeCondition[] = [];
  for (const type of monitored) {
    const condition = findCondition(known, type);
    if (condition?.status === 'Unknown') continue;
    changed.push({
      type,
      status: 'Unknown',
      reason: condition ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: condition ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastHeartbeatTime: condition?.lastHeartbeatTime ?? node.metadata.creationTimestamp,
      lastTransitionTime: timestamp(now),
    });
  }
  if (changed.length === 0) return undefined;
  const types = new Set(changed.map(({ type }) => type));
  return [...known.filter(({ type }) => !types.has(type)), ...changed];
}

/** `True`, `False` or `Unknown`, as the node's Ready condition says. */
export function readiness(node: Node): string {
  return findCondition(node.status.conditions, 'Ready')?.status ?? 'Unknown';
}

/**
 * The taints that a node should have: those that others set stay, those that follow from its conditions and
 * `spec.unschedulable` are added and removed. `evict`: whether pods may be driven out now, that is whether NoExecute
 * taints may be added.
 */
export function desiredTaints(
  node: Node,
  options: { readonly evict: boolean; readonly now: number },
): readonly Taint[] {
  const wanted = wantedTaints(node);
  const known = node.spec.taints ?? [];
  const isWanted = (taint: Taint): boolean => wanted.some((w) => w.key === taint.key && w.effect === taint.effect);
  const kept = known.filter((taint) => !isOurs(taint) || isWanted(taint));
  const isKept = (taint: Taint): boolean => kept.some((k) => k.key === taint.key && k.effect === taint.effect);
  const wasEvicting = known.some((taint) => taint.effect === 'NoExecute' && isOurs(taint));
  const added = wanted
    .filter((taint) => !isKept(taint))
    .filter((taint) => taint.effect !== 'NoExecute' || options.evict || wasEvicting)
    .map((taint) => ({ ...taint, timeAdded: timestamp(options.now) }));
  return added.length === 0 && kept.length === known.length ? known : [...kept, ...added];
}

function wantedTaints(node: Node): readonly Taint[] {
  const ready = findCondition(node.status.conditions, 'Ready');
  const taints: Taint[] = [];
  const both = (key: string): void => void taints.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' });
  if (ready?.status === 'False') both(notReadyTaint);
  if (ready?.status === 'Unknown') both(unreachableTaint);
  for (const [type, key] of Object.entries(pressureTaints)) {
    if (findCondition(node.status.conditions, type)?.status === 'True') taints.push({ key, effect: 'NoSchedule' });
  }
  if (node.spec.unschedulable === true) taints.push({ key: unschedulableTaint, effect: 'NoSchedule' });
  return taints;
}

const ownKeys = new Set([notReadyTaint, unreachableTaint, unschedulableTaint, ...Object.values(pressureTaints)]);
const evictingKeys = new Set([notReadyTaint, unreachableTaint]);

function isOurs({ key, effect }: Taint): boolean {
  return effect === 'NoExecute' ? evictingKeys.has(key) : effect === 'NoSchedule' && ownKeys.has(key);
}

/** Whether a node waits for its NoExecute taint. */
export function needsEviction(node: Node): boolean {
  if (readiness(node) === 'True' || !findCondition(node.status.conditions, 'Ready')) return false;
  return !(node.spec.taints ?? []).some((taint) => taint.effect === 'NoExecute' && evictingKeys.has(taint.key));
}

/**
 * Nodes per second that may be emptied in a zone, out of the readiness of all its nodes: 0.1; when more than half of
 * a zone fails, the fault may lie elsewhere: then a small cluster (up to 50 nodes) stops, a large one goes slowly.
 * Source: node-eviction-rate, secondary-node-eviction-rate, unhealthy-zone-threshold.
 */
export function evictionRate(nodes: readonly Node[]): number {
  const unready = nodes.filter((node) => readiness(node) !== 'True').length;
  if (unready <= 2 || unready / nodes.length < 0.55) return 0.1;
  return nodes.length > 50 ? 0.01 : 0;
}
