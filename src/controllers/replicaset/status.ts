import { timestamp } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/apps/replica-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import { findCondition, isPodFinished, isPodReady, untilAvailable } from '../pod-state.ts';

/** What a replica set's status is made from. */
export interface ReplicaSetState {
  readonly replicaSet: ReplicaSet;
  /** Active pods that it owns. */
  readonly pods: readonly Pod[];
  /** Pods that it owns and that are being deleted. */
  readonly terminating: readonly Pod[];
  /** Why pods could not be created or deleted in this round. */
  readonly failure: { readonly error: unknown; readonly creating: boolean } | undefined;
  readonly now: number;
}

/** The status that the pods amount to. */
export function replicaSetStatus(state: ReplicaSetState): ReplicaSetStatus {
  const { replicaSet, pods, terminating, now } = state;
  const templateLabels = Object.entries(replicaSet.spec.template.metadata.labels ?? {});
  const minReady = replicaSet.spec.minReadySeconds ?? 0;
  const fullyLabeled = pods.filter((pod) => templateLabels.every(([k, v]) => pod.metadata.labels?.[k] === v));
  return {
    replicas: pods.length,
    fullyLabeledReplicas: fullyLabeled.length || undefined,
    readyReplicas: pods.filter(isPodReady).length || undefined,
    availableReplicas: pods.filter((pod) => untilAvailable(pod, minReady, now) === 0).length || undefined,
    terminatingReplicas: terminating.filter((pod) => !isPodFinished(pod)).length,
    observedGeneration: replicaSet.metadata.generation,
    conditions: conditionsOf(state),
  };
}

function conditionsOf(state: ReplicaSetState): readonly ReplicaSetCondition[] | undefined {
  const { replicaSet, failure, now } = state;
  const others = (replicaSet.status.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  const known = findCondition(replicaSet.status.conditions, 'ReplicaFailure');
  if (!failure) return others.length > 0 ? others : undefined;
  const reason = failure.creating ? 'FailedCreate' : 'FailedDelete';
  const raised: ReplicaSetCondition = known ?? {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: timestamp(now),
    reason,
    message: messageOf(failure.error),
  };
  return [...others, raised];
}

/** Milliseconds until the next ready pod becomes available; undefined when none waits. */
export function nextAvailability(replicaSet: ReplicaSet, pods: readonly Pod[], now: number): number | undefined {
  const waits = pods
    .map((pod) => untilAvailable(pod, replicaSet.spec.minReadySeconds ?? 0, now))
    .filter((wait) => wait !== undefined && wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits.map((wait) => wait ?? 0));
}
