/** CronJob: a Job at certain times. Source: batch/v1. */
import { DraftMeta } from '../../machinery/meta.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, defineStruct, int32, int64, list, oneOf, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ObjectReference } from '../core/endpoints.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import { cronJobColumns } from './cron-job-columns.ts';
import { cronJobErrors } from './cron-job-validation.ts';
import { cronJobWarnings } from './job-warnings.ts';
import { JobSpec } from './job.ts';

export const JobTemplateSpec = defineStruct('JobTemplateSpec', {
  metadata: struct(1, DraftMeta).default({}),
  spec: struct(2, JobSpec).default({}),
});
export type JobTemplateSpec = TypeOf<typeof JobTemplateSpec>;

export const CronJobSpec = defineStruct('CronJobSpec', {
  schedule: text(1),
  startingDeadlineSeconds: int64(2).optional(),
  concurrencyPolicy: oneOf(3, ['Allow', 'Forbid', 'Replace']).default('Allow').omitEmpty(),
  suspend: bool(4).default(false),
  jobTemplate: struct(5, JobTemplateSpec),
  successfulJobsHistoryLimit: int32(6).default(3),
  failedJobsHistoryLimit: int32(7).default(1),
  timeZone: text(8).optional(),
});
export type CronJobSpec = TypeOf<typeof CronJobSpec>;

export const CronJobStatus = defineStruct('CronJobStatus', {
  active: list(1, ObjectReference).optional(),
  lastScheduleTime: time(4).optional(),
  lastSuccessfulTime: time(5).optional(),
});
export type CronJobStatus = TypeOf<typeof CronJobStatus>;

const cronJobFields = {
  spec: struct(2, CronJobSpec),
  status: struct(3, CronJobStatus).default({}),
};
export type CronJob = StoredObject<typeof cronJobFields>;

export const CronJob = defineResource({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  scope: 'Namespaced',
  shortNames: ['cj'],
  categories: ['all'],
  subresources: ['status'],
  fields: cronJobFields,
  columns: cronJobColumns,
  defaults: ({ spec }) => defaultPodSpec(spec.jobTemplate.spec.template.spec),
  validate: cronJobErrors,
  warnings: cronJobWarnings,
});
