/** Validation of HorizontalPodAutoscalers. Source: kubernetes' autoscaling validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each, nonNegative } from '../core/value-checks.ts';
import { metricErrors } from './metric-validation.ts';
import { targetReferenceErrors } from './target-reference-validation.ts';
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from './horizontal-pod-autoscaler.ts';

const longestPeriod = 1800;
const longestWindow = 3600;

/** What is wrong with a HorizontalPodAutoscaler. */
export function autoscalerErrors(
  { spec, status }: HorizontalPodAutoscaler,
  { old, subresource }: ValidationContext<HorizontalPodAutoscaler>,
): FieldError[] {
  if (subresource === 'status') {
    return [
      ...nonNegative(status.currentReplicas, 'status.currentReplicas'),
      ...nonNegative(status.desiredReplicas, 'status.desiredReplicas'),
    ];
  }
  const { minReplicas, maxReplicas } = spec;
  // Scaling to nothing is behind a feature; who has it keeps it.
  const least = old?.spec.minReplicas === 0 ? 0 : 1;
  const isInverted = minReplicas !== undefined && maxReplicas < minReplicas;
  return [
    ...(minReplicas !== undefined && minReplicas < least
      ? [invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`)]
      : []),
    ...(maxReplicas < 1 ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(isInverted ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...targetReferenceErrors(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...each(spec.metrics, 'spec.metrics', metricErrors),
    ...zeroErrors(spec),
    ...rulesErrors(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...rulesErrors(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

function zeroErrors({ minReplicas, metrics = [] }: HorizontalPodAutoscaler['spec']): FieldError[] {
  const canWake = metrics.some(({ type }) => type === 'Object' || type === 'External');
  const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
  return minReplicas === 0 && !canWake ? [forbidden('spec.metrics', detail)] : [];
}

function rulesErrors(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: seconds = 0, selectPolicy, policies = [], tolerance } = rules;
  const selections = ['Disabled', 'Max', 'Min'];
  const window = `${path}.stabilizationWindowSeconds`;
  return [
    ...(seconds < 0 ? [invalid(window, seconds, 'must be greater than or equal to zero')] : []),
    ...(seconds > longestWindow ? [invalid(window, seconds, `must be less than or equal to ${longestWindow}`)] : []),
    ...(selectPolicy !== undefined && !selections.includes(selectPolicy)
      ? [notSupported(`${path}.selectPolicy`, selectPolicy, selections)]
      : []),
    ...(policies.length === 0 ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...each(policies, `${path}.policies`, policyErrors),
    ...(tolerance !== undefined && compareQuantities(tolerance, '0') < 0
      ? [invalid(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0')]
      : []),
  ];
}

function policyErrors({ type, value, periodSeconds }: HPAScalingPolicy, path: string): FieldError[] {
  const types = ['Percent', 'Pods'];
  const period = `${path}.periodSeconds`;
  return [
    ...(types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)]),
    ...(value <= 0 ? [invalid(`${path}.value`, value, 'must be greater than zero')] : []),
    ...(periodSeconds <= 0 ? [invalid(period, periodSeconds, 'must be greater than zero')] : []),
    ...(periodSeconds > longestPeriod
      ? [invalid(period, periodSeconds, `must be less than or equal to ${longestPeriod}`)]
      : []),
  ];
}
