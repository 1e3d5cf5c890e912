import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';
import { byCreation, desiredReplicasAnnotation, maxReplicasAnnotation } from './revisions.ts';
import type { ReplicaSets } from './revisions.ts';

/** A replica set and the size that it should get. */
export interface Resize {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

/** How far a rollout may go beyond and below the wanted replicas. */
export interface Bounds {
  readonly surge: number;
  readonly unavailable: number;
}

/** Resolves maxSurge (rounded up) and maxUnavailable (down); both zero would never move, so one may then miss. */
export function boundsOf({ spec }: Deployment): Bounds {
  if (spec.strategy.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, spec.replicas, 'up');
  const unavailable = scaledValue(maxUnavailable, spec.replicas, 'down');
  return { surge, unavailable: Math.min(spec.replicas, surge === 0 && unavailable === 0 ? 1 : unavailable) };
}

/** The most replicas that may exist at once. */
export function maxReplicas(deployment: Deployment): number {
  return deployment.spec.replicas + boundsOf(deployment).surge;
}

const sum = (sets: readonly ReplicaSet[], of: (replicaSet: ReplicaSet) => number): number =>
  sets.reduce((total, replicaSet) => total + of(replicaSet), 0);
const wanted = (replicaSet: ReplicaSet): number => replicaSet.spec.replicas;
const available = (replicaSet: ReplicaSet): number => replicaSet.status.availableReplicas ?? 0;

/** The size of the replica set of the current template, given the others. */
export function currentSize(deployment: Deployment, current: number, old: readonly ReplicaSet[]): number {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type === 'Recreate') return replicas;
  if (current > replicas) return replicas;
  const room = maxReplicas(deployment) - current - sum(old, wanted);
  return current + Math.max(0, Math.min(room, replicas - current));
}

/**
 * How a rolling update shrinks the old replica sets: first unhealthy pods, whose loss costs nothing, then as many
 * healthy ones as availability allows, oldest replica set first.
 */
export function shrinkOld(deployment: Deployment, { current, old }: ReplicaSets): readonly Resize[] {
  const minAvailable = deployment.spec.replicas - boundsOf(deployment).unavailable;
  const all = current ? [...old, current] : old;
  const currentUnavailable = current ? current.spec.replicas - available(current) : 0;
  const maxDown = sum(all, wanted) - minAvailable - currentUnavailable;
  if (maxDown <= 0) return [];
  const sizes = new Map(old.toSorted(byCreation).map((replicaSet) => [replicaSet, replicaSet.spec.replicas]));
  let unhealthyLeft = maxDown;
  for (const [replicaSet, size] of sizes) {
    const unhealthy = Math.max(0, Math.min(unhealthyLeft, size - available(replicaSet)));
    sizes.set(replicaSet, size - unhealthy);
    unhealthyLeft -= unhealthy;
  }
  let healthyLeft = Math.max(0, sum(all, available) - minAvailable);
  for (const [replicaSet, size] of sizes) {
    const healthy = Math.min(healthyLeft, size);
    sizes.set(replicaSet, size - healthy);
    healthyLeft -= healthy;
  }
  return changed(sizes);
}

/** Whether the deployment's replicas were changed since its replica sets were last sized. */
export function wasScaled(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((replicaSet) => {
    const annotated = replicaSet.metadata.annotations?.[desiredReplicasAnnotation];
    return replicaSet.spec.replicas > 0 && annotated !== undefined && Number(annotated) !== deployment.spec.replicas;
  });
}

/**
 * Spreads a change of the deployment's replicas: to its only active replica set, or in the middle of a rollout over
 * all of them in proportion to their sizes. Replica sets that keep their size are listed, too, when `wasScaled`.
 */
export function rescale(deployment: Deployment, { current, old }: ReplicaSets): readonly Resize[] {
  const all = current ? [...old, current] : old;
  const active = all.filter((replicaSet) => replicaSet.spec.replicas > 0);
  const only = active.length === 1 ? active[0] : active.length === 0 ? (current ?? newest(old)) : undefined;
  if (only) return [{ replicaSet: only, replicas: deployment.spec.replicas }];
  if (isSaturated(deployment, current)) {
    return old.filter((o) => o.spec.replicas > 0).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  return deployment.spec.strategy.type === 'Recreate' ? [] : proportional(deployment, active);
}

function newest(old: readonly ReplicaSet[]): ReplicaSet | undefined {
  return old.toSorted(byCreation).at(-1);
}

function isSaturated(deployment: Deployment, current: ReplicaSet | undefined): boolean {
  if (!current) return false;
  const desired = Number(current.metadata.annotations?.[desiredReplicasAnnotation] ?? NaN);
  const { replicas } = deployment.spec;
  return current.spec.replicas === replicas && desired === replicas && available(current) === replicas;
}

function proportional(deployment: Deployment, active: readonly ReplicaSet[]): readonly Resize[] {
  const allowed = deployment.spec.replicas > 0 ? maxReplicas(deployment) : 0;
  const change = allowed - sum(active, wanted);
  // The biggest get their share first; among equals the newest when growing, the oldest when shrinking.
  const age = change > 0 ? -1 : 1;
  const sorted = active.toSorted((a, b) => b.spec.replicas - a.spec.replicas || age * byCreation(a, b));
  let left = change;
  const resizes = sorted.map((replicaSet) => {
    const exact = share(deployment, replicaSet);
    const step = change > 0 ? Math.min(exact, left) : Math.max(exact, left);
    const size = change === 0 ? 0 : step;
    left -= size;
    return { replicaSet, replicas: replicaSet.spec.replicas + size };
  });
  return resizes.map(({ replicaSet, replicas }, i) => ({
    replicaSet,
    replicas: Math.max(0, i === 0 ? replicas + left : replicas),
  }));
}

/** By how much a replica set would grow if the whole deployment grew alike. */
function share(deployment: Deployment, { metadata, spec }: ReplicaSet): number {
  if (deployment.spec.replicas === 0) return -spec.replicas;
  const annotated = Number(metadata.annotations?.[maxReplicasAnnotation] ?? NaN);
  const before = annotated > 0 ? annotated : (deployment.status.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((spec.replicas * maxReplicas(deployment)) / before) - spec.replicas;
}

function changed(sizes: ReadonlyMap<ReplicaSet, number>): readonly Resize[] {
  return [...sizes]
    .filter(([replicaSet, replicas]) => replicas !== replicaSet.spec.replicas)
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }));
}
