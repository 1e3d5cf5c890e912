/** Validation of Deployments. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { amountErrors, excessErrors, isNoAmount } from '../core/amount-validation.ts';
import { nonNegative } from '../core/value-checks.ts';
import { collisionErrors, replicaCountErrors, statusCountErrors, workloadErrors } from '../core/workload-validation.ts';
import type { Deployment, DeploymentStatus, DeploymentStrategy } from './deployment.ts';

/** What is wrong with a Deployment. */
export function deploymentErrors(
  { spec, status }: Deployment,
  { old, subresource }: ValidationContext<Deployment>,
): FieldError[] {
  if (subresource === 'status') return statusErrors(status, old?.status);
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const deadline = 'spec.progressDeadlineSeconds';
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...workloadErrors(spec, { noun: 'deployment', kind: 'ReplicaSet' }),
    ...strategyErrors(spec.strategy, 'spec.strategy'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...nonNegative(progressDeadlineSeconds, deadline),
    ...(progressDeadlineSeconds <= minReadySeconds
      ? [invalid(deadline, progressDeadlineSeconds, 'must be greater than minReadySeconds')]
      : []),
  ];
}

function strategyErrors({ type, rollingUpdate }: DeploymentStrategy, path: string): FieldError[] {
  const own = `${path}.rollingUpdate`;
  if (type === 'Recreate') {
    return rollingUpdate ? [forbidden(own, "may not be specified when strategy `type` is 'Recreate'")] : [];
  }
  if (type !== 'RollingUpdate' || !rollingUpdate) return [];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const isStuck = isNoAmount(maxUnavailable) && isNoAmount(maxSurge);
  const detail = 'may not be 0 when `maxSurge` is 0';
  return [
    ...amountErrors(maxUnavailable, `${own}.maxUnavailable`),
    ...amountErrors(maxSurge, `${own}.maxSurge`),
    ...(isStuck ? [invalid(`${own}.maxUnavailable`, maxUnavailable, detail)] : []),
    ...excessErrors(maxUnavailable, `${own}.maxUnavailable`),
  ];
}

function statusErrors(status: DeploymentStatus, old: DeploymentStatus | undefined): FieldError[] {
  return [
    ...statusCountErrors(status, [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ]),
    ...replicaCountErrors(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
    ...collisionErrors(status.collisionCount, old?.collisionCount),
  ];
}
