/** Validation of PodDisruptionBudgets. Source: kubernetes' policy validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { conditionsErrors } from '../../machinery/condition-validation.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { amountErrors, excessErrors } from '../core/amount-validation.ts';
import { nonNegative } from '../core/value-checks.ts';
import type { PodDisruptionBudget } from './pod-disruption-budget.ts';

/** What is wrong with a PodDisruptionBudget. */
export function disruptionBudgetErrors(
  { spec, status }: PodDisruptionBudget,
  { subresource }: ValidationContext<PodDisruptionBudget>,
): FieldError[] {
  if (subresource === 'status') {
    const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
    return [
      ...conditionsErrors(status.conditions, 'status.conditions'),
      ...counts.flatMap((name) => nonNegative(status[name], `status.${name}`)),
    ];
  }
  const { minAvailable, maxUnavailable } = spec;
  const isDouble = minAvailable !== undefined && maxUnavailable !== undefined;
  return [
    ...(isDouble ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...amountErrors(minAvailable, 'spec.minAvailable'),
    ...excessErrors(minAvailable, 'spec.minAvailable'),
    ...amountErrors(maxUnavailable, 'spec.maxUnavailable'),
    ...excessErrors(maxUnavailable, 'spec.maxUnavailable'),
    ...labelSelectorErrors(spec.selector, 'spec.selector'),
  ];
}
