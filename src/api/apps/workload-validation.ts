/** Validation that Deployments and ReplicaSets share. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import type { LabelSelector } from '../../machinery/meta.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { podTemplateErrors } from '../core/pod-spec-validation.ts';

interface Workload {
  readonly selector: LabelSelector | undefined;
  readonly template: PodTemplateSpec;
}

/** What is wrong with the selector and the template of a workload whose pods run for good. */
export function workloadErrors({ selector, template }: Workload, kind: 'Deployment' | 'ReplicaSet'): FieldError[] {
  const errors = selectorErrors(selector);
  const labels = template.metadata.labels ?? {};
  if (selector && errors.length === 0 && !labelSelectorMatcher(selector)(labels)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalid('spec.template.metadata.labels', labels, detail));
  }
  errors.push(...podTemplateErrors(template, 'spec.template'));
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', detail));
  }
  return errors;
}

function selectorErrors(selector: LabelSelector | undefined): FieldError[] {
  if (!selector) return [required('spec.selector')];
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  if (isEmpty) return [invalid('spec.selector', selector, 'empty selector is invalid for deployment')];
  return labelSelectorErrors(selector, 'spec.selector');
}
