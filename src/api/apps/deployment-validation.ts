/** Validation of Deployments. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';
import { percentErrors } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { nonNegative } from '../core/value-checks.ts';
import type { Deployment, DeploymentStrategy } from './deployment.ts';
import { workloadErrors } from './workload-validation.ts';

/** What is wrong with a Deployment. */
export function deploymentErrors({ spec }: Deployment, { subresource }: ValidationContext<Deployment>): FieldError[] {
  if (subresource === 'status') return [];
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const deadline = 'spec.progressDeadlineSeconds';
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...workloadErrors(spec, 'Deployment'),
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
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  const errors = [
    ...amountErrors(maxUnavailable, `${own}.maxUnavailable`),
    ...amountErrors(maxSurge, `${own}.maxSurge`),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalid(`${own}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  if (typeof maxUnavailable === 'string' && Number.parseInt(maxUnavailable, 10) > 100) {
    errors.push(invalid(`${own}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'));
  }
  return errors;
}

function amountErrors(value: number | string, path: string): FieldError[] {
  if (typeof value === 'number') return nonNegative(value, path);
  return percentErrors(value).map((detail) => invalid(path, value, detail));
}

function isZero(value: number | string): boolean {
  return Number.parseInt(String(value), 10) === 0;
}
