import { timestamp } from '../../base/clock.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { findCondition } from '../pod-state.ts';
import type { ReplicaSets } from './revisions.ts';
import { boundsOf } from './sizes.ts';

/** A value of `progressDeadlineSeconds` that means none. Source: apps/v1 MaxInt32. */
const noDeadline = 2_147_483_647;

/** A condition as the controller raises it, before its times are known. */
export type Raised = Pick<DeploymentCondition, 'type' | 'status'> & {
  readonly reason: string;
  readonly message: string;
};

/** The counts of a deployment's status, with the Available condition. */
export function countedStatus(deployment: Deployment, { current, old }: ReplicaSets, now: number): DeploymentStatus {
  const all = current ? [...old, current] : old;
  const total = (of: (status: ReplicaSet['status']) => number | undefined): number =>
    all.reduce((sum, { status }) => sum + (of(status) ?? 0), 0);
  const available = total((status) => status.availableReplicas);
  const wanted = all.reduce((sum, { spec }) => sum + spec.replicas, 0);
  const enough = available >= deployment.spec.replicas - boundsOf(deployment).unavailable;
  const { conditions } = deployment.status;
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: total((status) => status.replicas) || undefined,
    updatedReplicas: current?.status.replicas || undefined,
    readyReplicas: total((status) => status.readyReplicas) || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, wanted - available) || undefined,
    terminatingReplicas: total((status) => status.terminatingReplicas),
    collisionCount: deployment.status.collisionCount,
    conditions: withCondition(conditions, enough ? hasMinimum : lacksMinimum, now),
  };
}

const hasMinimum: Raised = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
};

const lacksMinimum: Raised = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
};

/** The status of a deployment in the middle of, or after, a rollout: counts plus progress and failure. */
export function rolloutStatus(deployment: Deployment, sets: ReplicaSets, now: number): DeploymentStatus {
  const status = countedStatus(deployment, sets, now);
  const progressed = progressConditions(deployment, { status, current: sets.current, now });
  return { ...status, conditions: withFailure(progressed, sets, now) };
}

function progressConditions(
  deployment: Deployment,
  context: { readonly status: DeploymentStatus; readonly current: ReplicaSet | undefined; readonly now: number },
): readonly DeploymentCondition[] {
  const { status, current, now } = context;
  const conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) return conditions.filter(({ type }) => type !== 'Progressing');
  const known = findCondition(deployment.status.conditions, 'Progressing');
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (settled && known?.reason === 'NewReplicaSetAvailable') return conditions;
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const raised = progress(deployment, { status, now, subject });
  if (!raised) return conditions;
  if (raised.reason !== 'ReplicaSetUpdated' || known?.status !== 'True') return withCondition(conditions, raised, now);
  // Progress within progress renews the time of the last update, against which the deadline counts.
  const others = conditions.filter(({ type }) => type !== 'Progressing');
  return [...others, { ...raised, lastUpdateTime: timestamp(now), lastTransitionTime: known.lastTransitionTime }];
}

function progress(
  deployment: Deployment,
  { status, now, subject }: { readonly status: DeploymentStatus; readonly now: number; readonly subject: string },
): Raised | undefined {
  const type = 'Progressing';
  if (isComplete(deployment, status)) {
    return {
      type,
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `${subject} has successfully progressed.`,
    };
  }
  if (isProgressing(deployment.status, status)) {
    return { type, status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
  }
  if (isTimedOut(deployment, now)) {
    return {
      type,
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `${subject} has timed out progressing.`,
    };
  }
  return undefined;
}

/** Whether every replica is of the current template and available, and nothing else is left. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  const { replicas } = spec;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

function isProgressing(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(deployment: Deployment, now: number): boolean {
  const known = findCondition(deployment.status.conditions, 'Progressing');
  if (!known || known.reason === 'NewReplicaSetAvailable') return false;
  if (known.reason === 'ProgressDeadlineExceeded') return true;
  const deadline = Date.parse(known.lastUpdateTime ?? '') + deployment.spec.progressDeadlineSeconds * 1000;
  return deadline < now;
}

/** Milliseconds after which the progress deadline must be looked at again; undefined when it can't pass. */
export function untilDeadline(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  if (!hasDeadline(deployment) || deployment.spec.paused === true) return undefined;
  const known = findCondition(status.conditions, 'Progressing');
  if (!known || isComplete(deployment, status) || decided.has(known.reason ?? '')) return undefined;
  // A second more, for times are written in whole seconds.
  const at = Date.parse(known.lastUpdateTime ?? '') + deployment.spec.progressDeadlineSeconds * 1000 + 1000;
  return Math.max(0, at - now);
}

/** Reasons that no deadline changes any more: a finished rollout stays finished when its pods are lost later. */
const decided: ReadonlySet<string> = new Set(['ProgressDeadlineExceeded', 'NewReplicaSetAvailable']);

/** Whether the deployment has a progress deadline. */
export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== noDeadline;
}

function withFailure(
  conditions: readonly DeploymentCondition[],
  { current, old }: ReplicaSets,
  now: number,
): readonly DeploymentCondition[] {
  const of = (replicaSet: ReplicaSet | undefined): Raised | undefined => {
    const failure = findCondition(replicaSet?.status.conditions, 'ReplicaFailure');
    return (
      failure && {
        type: failure.type,
        status: failure.status,
        reason: failure.reason ?? '',
        message: failure.message ?? '',
      }
    );
  };
  const failure = of(current) ?? old.map(of).find((raised) => raised !== undefined);
  if (failure) return withCondition(conditions, failure, now);
  return conditions.filter(({ type }) => type !== 'ReplicaFailure');
}

/** Adds or replaces a condition; one with the same status and reason stays as it is, the same status keeps its time. */
export function withCondition(
  conditions: readonly DeploymentCondition[] | undefined,
  raised: Raised,
  now: number,
): readonly DeploymentCondition[] {
  const known = findCondition(conditions, raised.type);
  if (known && known.status === raised.status && known.reason === raised.reason) return conditions ?? [];
  const time = timestamp(now);
  const lastTransitionTime = known?.status === raised.status ? known.lastTransitionTime : time;
  const others = (conditions ?? []).filter(({ type }) => type !== raised.type);
  return [...others, { ...raised, lastUpdateTime: time, lastTransitionTime }];
}
