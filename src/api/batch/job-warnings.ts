/** What the author of a Job should know although it is valid. Source: kubernetes' WarningsForJobSpec. */
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { nameWarnings, templateWarnings } from '../core/pod-warnings.ts';
import type { CronJob } from './cron-job.ts';
import type { JobSpec } from './job.ts';

/** Above these, the text of an Indexed Job's completed indexes may become too long for the Job. */
const manyCompletions = 100_000;
const highParallelism = 10_000;

/** The warnings about a Job's spec at `path`. */
export function jobWarnings({ completionMode, completions = 0, parallelism = 0 }: JobSpec, path: string): string[] {
  const isIndexed = completionMode === 'Indexed';
  if (!isIndexed || completions <= manyCompletions || parallelism <= highParallelism) return [];
  return [
    `${path}: In Indexed Jobs with a number of completions higher than ${manyCompletions} and a parallelism higher than ${highParallelism}, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
  ];
}

/** The warnings about a CronJob. */
export function cronJobWarnings(
  { metadata, spec }: CronJob,
  { old }: { readonly old?: CronJob | undefined },
): string[] {
  const path = 'spec.jobTemplate.spec';
  const job = spec.jobTemplate.spec;
  return [
    ...(old ? [] : nameWarnings(metadata.name)),
    ...(old && equalJson(old.spec, spec) ? [] : templateWarnings(job.template, `${path}.template`)),
    ...jobWarnings(job, path),
    // Upstream's path has a part too many.
    ...(spec.schedule.includes('TZ') ? ['cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead'] : []),
  ];
}
