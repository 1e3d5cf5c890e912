/** Validation that kinds share whose pods come from a template. Source: kubernetes' apps and core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import type { LabelSelector } from '../../machinery/meta.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import type { Labels } from '../../machinery/selector.ts';
import type { PodTemplateSpec } from './pod-spec.ts';
import { podTemplateErrors } from './pod-spec-validation.ts';
import { nonNegative } from './value-checks.ts';

interface Workload {
  readonly selector?: LabelSelector | undefined;
  readonly template: PodTemplateSpec;
}

/** How messages name a kind of workload. */
interface WorkloadNames {
  /** As in `empty selector is invalid for deployment`. */
  readonly noun: 'deployment' | 'daemonset' | 'statefulset';
  /** As in `activeDeadlineSeconds in ReplicaSet is not Supported`; upstream names Deployments so too. */
  readonly kind: 'ReplicaSet' | 'DaemonSet' | 'StatefulSet';
}

/** What is wrong with the selector and the template of a workload whose pods run for good. */
export function workloadErrors({ selector, template }: Workload, { noun, kind }: WorkloadNames): FieldError[] {
  const path = 'spec.template';
  const errors = selectorErrors(selector, noun);
  if (selector && labelSelectorErrors(selector, '').length > 0) {
    return [...errors, invalid('spec.selector', selector, 'invalid label selector')];
  }
  return [
    ...errors,
    ...templateLabelsErrors(labelSelectorMatcher(selector)(template.metadata.labels), template.metadata.labels, path),
    ...podTemplateErrors(template, path),
    ...lastingErrors(template, kind, path),
  ];
}

/** Labels of a template that its owner's selector does not match. */
export function templateLabelsErrors(isSelected: boolean, labels: Labels, path: string): FieldError[] {
  const detail = '`selector` does not match template `labels`';
  return isSelected ? [] : [invalid(`${path}.metadata.labels`, labels ?? null, detail)];
}

/** What keeps the pods of a template from running for good. */
export function lastingErrors({ spec }: PodTemplateSpec, kind: string, path: string): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = spec;
  const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
  return [
    ...(restartPolicy === 'Always' ? [] : [notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always'])]),
    ...(activeDeadlineSeconds === undefined ? [] : [forbidden(`${path}.spec.activeDeadlineSeconds`, detail)]),
  ];
}

function selectorErrors(selector: LabelSelector | undefined, noun: WorkloadNames['noun']): FieldError[] {
  // Of daemon sets upstream says nothing but that an absent selector does not match the template.
  if (!selector) return noun === 'daemonset' ? [] : [required('spec.selector')];
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  return [
    ...labelSelectorErrors(selector, 'spec.selector'),
    ...(isEmpty ? [invalid('spec.selector', selector, `empty selector is invalid for ${noun}`)] : []),
  ];
}

type Counts = Readonly<Record<string, unknown>>;

/** Numbers of a status that are negative, in the order of `names`. */
export function statusCountErrors(status: object, names: readonly string[]): FieldError[] {
  const counts: Counts = { ...status };
  return names.flatMap((name) => nonNegative(numberOf(counts, name), `status.${name}`));
}

/** Numbers of replicas of a status that contradict each other. */
export function replicaCountErrors(
  status: object,
  names: readonly string[],
  { ready = 'readyReplicas' }: { readonly ready?: string } = {},
): FieldError[] {
  const counts: Counts = { ...status };
  const all = numberOf(counts, 'replicas') ?? 0;
  const tooMany = names.filter((name) => (numberOf(counts, name) ?? 0) > all);
  const errors = tooMany.map((name) =>
    invalid(`status.${name}`, counts[name], 'cannot be greater than status.replicas'),
  );
  const available = numberOf(counts, 'availableReplicas') ?? 0;
  if (available <= (numberOf(counts, 'readyReplicas') ?? 0)) return errors;
  return [...errors, invalid('status.availableReplicas', available, `cannot be greater than ${ready}`)];
}

/** A counter of hash collisions that went down. */
export function collisionErrors(count: number | undefined, before: number | undefined): FieldError[] {
  const wentDown = before !== undefined && (count === undefined || count < before);
  return wentDown ? [invalid('status.collisionCount', count ?? 0, 'cannot be decremented')] : [];
}

function numberOf(counts: Counts, name: string): number | undefined {
  const value = counts[name];
  return typeof value === 'number' ? value : undefined;
}
