import type { Pod, PodCondition } from '../api/core/pod.ts';

/** The condition of a type, if the object has it. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The Ready condition of a pod. */
export function readyCondition(pod: Pod): PodCondition | undefined {
  return findCondition(pod.status.conditions, 'Ready');
}

/** Whether a pod is ready to serve. */
export function isPodReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Whether a pod has ended for good. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

/** Whether a pod counts as a replica: it has not ended and is not being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/**
 * Milliseconds until a ready pod counts as available: 0 when it does now, undefined while it is not ready. A pod is
 * available once it has been ready for `minReadySeconds`.
 */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  if (Number.isNaN(since)) return undefined;
  return Math.max(0, since + minReadySeconds * 1000 - now);
}
