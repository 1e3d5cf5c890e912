/** Validation of DaemonSets. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { amountErrors, excessErrors, isNoAmount } from '../core/amount-validation.ts';
import { nonNegative } from '../core/value-checks.ts';
import { collisionErrors, statusCountErrors, workloadErrors } from '../core/workload-validation.ts';
import type { DaemonSet, DaemonSetStatus, DaemonSetUpdateStrategy } from './daemon-set.ts';

/** What is wrong with a DaemonSet. */
export function daemonSetErrors(
  { spec, status }: DaemonSet,
  { old, subresource }: ValidationContext<DaemonSet>,
): FieldError[] {
  if (subresource === 'status') return statusErrors(status, old?.status);
  return [
    ...workloadErrors(spec, { noun: 'daemonset', kind: 'DaemonSet' }),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...strategyErrors(spec.updateStrategy, 'spec.updateStrategy.rollingUpdate'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}

function strategyErrors({ type, rollingUpdate }: DaemonSetUpdateStrategy, path: string): FieldError[] {
  if (type !== 'RollingUpdate') return [];
  if (!rollingUpdate) return [required(path)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...amountErrors(maxUnavailable, `${path}.maxUnavailable`),
    ...amountErrors(maxSurge, `${path}.maxSurge`),
    ...excessErrors(maxUnavailable, `${path}.maxUnavailable`),
    ...excessErrors(maxSurge, `${path}.maxSurge`),
  ];
  if (isNoAmount(maxUnavailable) !== isNoAmount(maxSurge)) return errors;
  return isNoAmount(maxSurge)
    ? [...errors, required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')]
    : [...errors, invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')];
}

function statusErrors(status: DaemonSetStatus, old: DaemonSetStatus | undefined): FieldError[] {
  return [
    ...statusCountErrors(status, [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ]),
    ...collisionErrors(status.collisionCount, old?.collisionCount),
  ];
}
