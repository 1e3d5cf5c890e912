/** Validation of ReplicaSets. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { nonNegative } from '../core/value-checks.ts';
import { replicaCountErrors, statusCountErrors, workloadErrors } from '../core/workload-validation.ts';
import type { ReplicaSet } from './replica-set.ts';

/** Numbers of the status of replica sets and replication controllers, in upstream's order of checking. */
export const replicaCounts: readonly string[] = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
  'terminatingReplicas',
];
/** Those that can't exceed `replicas`. */
export const replicaParts: readonly string[] = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];

/** What is wrong with a ReplicaSet. */
export function replicaSetErrors(
  { spec, status }: ReplicaSet,
  { subresource }: ValidationContext<ReplicaSet>,
): FieldError[] {
  if (subresource === 'status') {
    return [...statusCountErrors(status, replicaCounts), ...replicaCountErrors(status, replicaParts)];
  }
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...workloadErrors(spec, { noun: 'deployment', kind: 'ReplicaSet' }),
  ];
}
