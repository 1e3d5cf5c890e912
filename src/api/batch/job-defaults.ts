/** Defaults of Jobs; those of a CronJob's template are filled in when its Jobs are made. Source: kubernetes' batch/v1 defaults. */
import type { Writable } from '../../machinery/schema.ts';
import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { Job } from './job.ts';

const usualBackoffLimit = 6;
const noBackoffLimit = 2_147_483_647;

/** Fills in what a Job leaves open. */
export function defaultJob({ metadata, spec }: Writable<Job>): void {
  defaultPodSpec(spec.template.spec);
  // One pod that completes; but no number of completions where only the parallelism is given: a work queue.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? usualBackoffLimit : noBackoffLimit;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
  const { labels } = spec.template.metadata;
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}
