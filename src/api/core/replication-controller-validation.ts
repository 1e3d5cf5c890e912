/** Validation of ReplicationControllers. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { required } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { podTemplateErrors } from './pod-spec-validation.ts';
import type { ReplicationController, ReplicationControllerSpec } from './replication-controller.ts';
import { nonNegative } from './value-checks.ts';
import { lastingErrors, replicaCountErrors, statusCountErrors, templateLabelsErrors } from './workload-validation.ts';

const parts: readonly string[] = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

/** What is wrong with a ReplicationController. */
export function replicationControllerErrors(
  { spec, status }: ReplicationController,
  { subresource }: ValidationContext<ReplicationController>,
): FieldError[] {
  if (subresource === 'status') {
    return [
      ...statusCountErrors(status, ['replicas', ...parts, 'observedGeneration']),
      ...replicaCountErrors(status, parts),
    ];
  }
  const { selector = {} } = spec;
  return [
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...(Object.keys(selector).length === 0 ? [required('spec.selector')] : []),
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...templateErrors(spec, 'spec.template'),
  ];
}

function templateErrors({ selector = {}, template }: ReplicationControllerSpec, path: string): FieldError[] {
  if (!template) return [required(path)];
  const { labels = {} } = template.metadata;
  const isSelected = Object.entries(selector).every(([key, value]) => labels[key] === value);
  return [
    ...templateLabelsErrors(isSelected, template.metadata.labels, path),
    ...podTemplateErrors(template, path),
    ...lastingErrors(template, 'ReplicationController', path),
  ];
}
