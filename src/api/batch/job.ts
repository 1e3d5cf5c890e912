/** Job: pods that run until their work is done. Source: batch/v1. */
import { LabelSelector } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, int64, list, oneOf, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { jobColumns } from './job-columns.ts';
import { defaultJob } from './job-defaults.ts';
import { generateSelector } from './job-selector.ts';
import { jobErrors } from './job-validation.ts';
import { namingWorkloadWarnings } from '../core/workload-warnings.ts';
import { jobWarnings } from './job-warnings.ts';

export const PodFailurePolicyOnExitCodesRequirement = defineStruct('PodFailurePolicyOnExitCodesRequirement', {
  containerName: text(1).optional(),
  operator: oneOf(2, ['In', 'NotIn']),
  values: list(3, int32, { type: 'set' }),
});
export type PodFailurePolicyOnExitCodesRequirement = TypeOf<typeof PodFailurePolicyOnExitCodesRequirement>;

export const PodFailurePolicyOnPodConditionsPattern = defineStruct('PodFailurePolicyOnPodConditionsPattern', {
  type: text(1),
  status: text(2).default('True').omitEmpty(),
});
export type PodFailurePolicyOnPodConditionsPattern = TypeOf<typeof PodFailurePolicyOnPodConditionsPattern>;

export const PodFailurePolicyRule = defineStruct('PodFailurePolicyRule', {
  action: oneOf(1, ['Count', 'FailIndex', 'FailJob', 'Ignore']),
  onExitCodes: struct(2, PodFailurePolicyOnExitCodesRequirement).optional(),
  onPodConditions: list(3, PodFailurePolicyOnPodConditionsPattern).optional(),
});
export type PodFailurePolicyRule = TypeOf<typeof PodFailurePolicyRule>;

export const PodFailurePolicy = defineStruct('PodFailurePolicy', {
  rules: list(1, PodFailurePolicyRule),
});
export type PodFailurePolicy = TypeOf<typeof PodFailurePolicy>;

export const SuccessPolicyRule = defineStruct('SuccessPolicyRule', {
  succeededIndexes: text(1).optional(),
  succeededCount: int32(2).optional(),
});
export type SuccessPolicyRule = TypeOf<typeof SuccessPolicyRule>;

export const SuccessPolicy = defineStruct('SuccessPolicy', {
  rules: list(1, SuccessPolicyRule),
});
export type SuccessPolicy = TypeOf<typeof SuccessPolicy>;

export const JobSpec = defineStruct('JobSpec', {
  parallelism: int32(1).optional(),
  completions: int32(2).optional(),
  activeDeadlineSeconds: int64(3).optional(),
  selector: struct(4, LabelSelector).optional(),
  manualSelector: bool(5).optional(),
  template: struct(6, PodTemplateSpec),
  backoffLimit: int32(7).optional(),
  ttlSecondsAfterFinished: int32(8).optional(),
  completionMode: oneOf(9, ['Indexed', 'NonIndexed']).optional(),
  suspend: bool(10).optional(),
  podFailurePolicy: struct(11, PodFailurePolicy).optional(),
  backoffLimitPerIndex: int32(12).optional(),
  maxFailedIndexes: int32(13).optional(),
  podReplacementPolicy: oneOf(14, ['Failed', 'TerminatingOrFailed']).optional(),
  managedBy: text(15).optional(),
  successPolicy: struct(16, SuccessPolicy).optional(),
});
export type JobSpec = TypeOf<typeof JobSpec>;

export const JobCondition = defineStruct('JobCondition', {
  type: text(1),
  status: text(2),
  lastProbeTime: time(3).omitEmpty(),
  lastTransitionTime: time(4).omitEmpty(),
  reason: text(5).omitEmpty(),
  message: text(6).omitEmpty(),
});
export type JobCondition = TypeOf<typeof JobCondition>;

export const UncountedTerminatedPods = defineStruct('UncountedTerminatedPods', {
  succeeded: list(1, text, { type: 'set' }).optional(),
  failed: list(2, text, { type: 'set' }).optional(),
});
export type UncountedTerminatedPods = TypeOf<typeof UncountedTerminatedPods>;

export const JobStatus = defineStruct('JobStatus', {
  conditions: list(1, JobCondition, { mergeKey: 'type', patch: 'merge' }).optional(),
  startTime: time(2).optional(),
  completionTime: time(3).optional(),
  active: int32(4).omitEmpty(),
  succeeded: int32(5).omitEmpty(),
  failed: int32(6).omitEmpty(),
  completedIndexes: text(7).omitEmpty(),
  uncountedTerminatedPods: struct(8, UncountedTerminatedPods).optional(),
  ready: int32(9).optional(),
  failedIndexes: text(10).optional(),
  terminating: int32(11).optional(),
});
export type JobStatus = TypeOf<typeof JobStatus>;

const jobFields = {
  spec: struct(2, JobSpec).default({}),
  status: struct(3, JobStatus).default({}),
};
export type Job = StoredObject<typeof jobFields>;

export const Job = defineResource({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  scope: 'Namespaced',
  categories: ['all'],
  subresources: ['status'],
  fields: jobFields,
  columns: jobColumns,
  selectableFields: { 'status.successful': ({ status }) => String(status.succeeded ?? 0) },
  orphansDependents: {
    warning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  },
  defaults: defaultJob,
  prepareForCreate(job) {
    job.status = {};
    generateSelector(job);
  },
  validate: jobErrors,
  warnings: (job, context) => [...namingWorkloadWarnings(job, context), ...jobWarnings(job.spec, 'spec')],
});
