/** Validation of what a Job makes of its pods' failures and successes. Source: kubernetes' batch validation. */
import { messageOf } from '../../base/errors.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import {
  duplicate,
  invalid,
  notSupported,
  omittedValue,
  required,
  tooLong,
  tooMany,
} from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import { each, nonNegative } from '../core/value-checks.ts';
import { countIndexes, parseIndexes } from './job-indexes.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from './job.ts';

const mostRules = 20;
const mostExitCodes = 255;
const longestIndexes = 64 * 1024;
const statuses = ['False', 'True', 'Unknown'];
const quotedList = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

/** What is wrong with a Job's failure policy. */
export function failurePolicyErrors(spec: JobSpec, path: string): FieldError[] {
  if (!spec.podFailurePolicy) return [];
  const { rules } = spec.podFailurePolicy;
  const pod = spec.template.spec;
  const names = new Set([...pod.containers, ...(pod.initContainers ?? [])].map(({ name }) => name));
  return [
    ...(rules.length > mostRules ? [tooMany(`${path}.rules`, rules.length, mostRules)] : []),
    ...each(rules, `${path}.rules`, (rule, own) => [
      ...actionErrors(spec, rule, `${own}.action`),
      ...(rule.onExitCodes ? exitCodesErrors(rule.onExitCodes, names, `${own}.onExitCodes`) : []),
      ...conditionsErrors(rule.onPodConditions, `${own}.onPodConditions`),
      ...choiceErrors(rule, own),
    ]),
  ];
}

function actionErrors({ backoffLimitPerIndex }: JobSpec, { action }: PodFailurePolicyRule, path: string): FieldError[] {
  const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
  if (!action) return [required(path, quotedList(actions))];
  const isMissing = action === 'FailIndex' && backoffLimitPerIndex === undefined;
  return isMissing ? [invalid(path, action, 'requires the backoffLimitPerIndex to be set')] : [];
}

function choiceErrors({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, path: string): FieldError[] {
  if (onExitCodes && onPodConditions.length > 0) {
    return [invalid(path, omittedValue, 'specifying both OnExitCodes and OnPodConditions is not supported')];
  }
  if (onExitCodes || onPodConditions.length > 0) return [];
  return [invalid(path, omittedValue, 'specifying one of OnExitCodes and OnPodConditions is required')];
}

function conditionsErrors(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[] = [],
  path: string,
): FieldError[] {
  return [
    ...(patterns.length > mostRules ? [tooMany(path, patterns.length, mostRules)] : []),
    ...each(patterns, path, ({ type, status }, own) => [
      ...qualifiedNameErrors(type).map((detail) => invalid(`${own}.type`, type, detail)),
      ...(statuses.includes(status) ? [] : [notSupported(`${own}.status`, status, statuses)]),
    ]),
  ];
}

function exitCodesErrors(
  { operator, values, containerName }: PodFailurePolicyOnExitCodesRequirement,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const own = `${path}.values`;
  const seen = new Set<number>();
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
  const unknown = 'must be one of the container or initContainer names in the pod template';
  return [
    ...(operator ? [] : [required(`${path}.operator`, quotedList(['In', 'NotIn']))]),
    ...(containerName === undefined || names.has(containerName)
      ? []
      : [invalid(`${path}.containerName`, containerName, unknown)]),
    ...(values.length === 0 ? [invalid(own, values, 'at least one value is required')] : []),
    ...(values.length > mostExitCodes ? [tooMany(own, values.length, mostExitCodes)] : []),
    ...each(values, own, (value, at) => {
      const isDuplicate = seen.has(value);
      seen.add(value);
      return [
        ...(operator === 'In' && value === 0 ? [invalid(at, value, 'must not be 0 for the In operator')] : []),
        ...(isDuplicate ? [duplicate(at, value)] : []),
      ];
    }),
    ...(isOrdered ? [] : [invalid(own, values, 'must be ordered')]),
  ];
}

/** What is wrong with a Job's success policy. */
export function successPolicyErrors(
  { successPolicy, completionMode, completions = 0 }: JobSpec,
  path: string,
): FieldError[] {
  if (!successPolicy) return [];
  if (completionMode !== 'Indexed') return [invalid(path, successPolicy, 'requires indexed completion mode')];
  const { rules } = successPolicy;
  const needed = 'at least one rules must be specified when the successPolicy is specified';
  return [
    ...(rules.length === 0 ? [required(`${path}.rules`, needed)] : []),
    ...(rules.length > mostRules ? [tooMany(`${path}.rules`, rules.length, mostRules)] : []),
    ...each(rules, `${path}.rules`, (rule, own) => successRuleErrors(rule, completions, own)),
  ];
}

function successRuleErrors(
  { succeededCount, succeededIndexes }: SuccessPolicyRule,
  completions: number,
  path: string,
): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const own = `${path}.succeededCount`;
  const errors: FieldError[] = [];
  let listed: number | undefined;
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (succeededIndexes.length > longestIndexes) errors.push(tooLong(at, '', longestIndexes));
    try {
      listed = countIndexes(parseIndexes(succeededIndexes, completions));
    } catch (error) {
      listed = 0;
      errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${messageOf(error)}`));
    }
  }
  errors.push(...nonNegative(succeededCount, own));
  const atMost = (most: number, what: string): void => {
    if (succeededCount === undefined || succeededCount <= most) return;
    errors.push(invalid(own, succeededCount, `must be less than or equal to ${most} (the number of ${what})`));
  };
  atMost(completions, 'specified completions');
  if (listed !== undefined) atMost(listed, 'indexes in the specified succeededIndexes field');
  return errors;
}
