/** Descriptions of jobs and of what makes them. Source: kubectl's describe. */
import type { CronJob } from '../../api/batch/cron-job.ts';
import type { Job } from '../../api/batch/job.ts';
import { humanDuration } from '../../machinery/human-duration.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { boolText, controllerText, longTime } from './meta-lines.ts';
import { writePodTemplate } from './pod-template-lines.ts';
import { selectorText, writeMarks, writeName } from './workload-lines.ts';

const mostIndexes = 50;

/** Everything about a job but its events. */
export async function describeJob(job: Job, { writer }: DescribeContext): Promise<void> {
  const { metadata, spec } = job;
  writeName(writer, job);
  writer.line(0, `Selector:\t${selectorText(spec.selector)}`);
  writeMarks(writer, job);
  const stated: readonly (readonly [string, string | undefined])[] = [
    ['Controlled By', controllerText(metadata.ownerReferences)],
    ['Parallelism', spec.parallelism?.toString()],
    ['Completions', spec.completions?.toString() ?? '<unset>'],
    ['Completion Mode', spec.completionMode],
    ['Suspend', spec.suspend?.toString()],
    ['Backoff Limit', spec.backoffLimit?.toString()],
    ['TTL Seconds After Finished', spec.ttlSecondsAfterFinished?.toString()],
  ];
  for (const [title, text] of stated) if (text !== undefined) writer.line(0, `${title}:\t${text}`);
  writeProgress(writer, job);
  writePodTemplate(writer, spec.template);
}

function writeProgress(writer: DescribeWriter, { spec, status }: Job): void {
  const { startTime, completionTime, active = 0, succeeded = 0, failed = 0, ready } = status;
  if (startTime) writer.line(0, `Start Time:\t${longTime(startTime)}`);
  if (completionTime) writer.line(0, `Completed At:\t${longTime(completionTime)}`);
  if (startTime && completionTime) {
    writer.line(0, `Duration:\t${humanDuration(Date.parse(completionTime) - Date.parse(startTime))}`);
  }
  writeDeadline(writer, spec.activeDeadlineSeconds);
  const readyText = ready === undefined ? '' : ` (${ready} Ready)`;
  writer.line(0, `Pods Statuses:\t${active} Active${readyText} / ${succeeded} Succeeded / ${failed} Failed`);
  if (spec.completionMode === 'Indexed') {
    writer.line(0, `Completed Indexes:\t${indexesText(status.completedIndexes ?? '')}`);
  }
}

function writeDeadline(writer: DescribeWriter, seconds: number | undefined): void {
  if (seconds !== undefined) writer.line(0, `Active Deadline Seconds:\t${seconds}s`);
}

function indexesText(indexes: string): string {
  if (indexes === '') return '<none>';
  const end = indexes.indexOf(',', mostIndexes);
  return end < 0 ? indexes : `${indexes.slice(0, end + 1)}...`;
}

/** Everything about a cron job but its events. */
export async function describeCronJob(cronJob: CronJob, { writer }: DescribeContext): Promise<void> {
  const { spec, status } = cronJob;
  const { spec: job } = spec.jobTemplate;
  const deadline = spec.startingDeadlineSeconds;
  writeName(writer, cronJob);
  writeMarks(writer, cronJob);
  writer.line(0, `Schedule:\t${spec.schedule}`);
  writer.line(0, `Concurrency Policy:\t${spec.concurrencyPolicy}`);
  writer.line(0, `Suspend:\t${spec.suspend === undefined ? '<unset>' : boolText(spec.suspend)}`);
  writer.line(0, `Successful Job History Limit:\t${spec.successfulJobsHistoryLimit ?? '<unset>'}`);
  writer.line(0, `Failed Job History Limit:\t${spec.failedJobsHistoryLimit ?? '<unset>'}`);
  writer.line(0, `Starting Deadline Seconds:\t${deadline === undefined ? '<unset>' : `${deadline}s`}`);
  writer.line(0, `Selector:\t${job.selector ? selectorText(job.selector) : '<unset>'}`);
  writer.line(0, `Parallelism:\t${job.parallelism ?? '<unset>'}`);
  writer.line(0, `Completions:\t${job.completions ?? '<unset>'}`);
  writeDeadline(writer, job.activeDeadlineSeconds);
  writePodTemplate(writer, job.template);
  writer.line(0, `Last Schedule Time:\t${status.lastScheduleTime ? longTime(status.lastScheduleTime) : '<unset>'}`);
  const active = (status.active ?? []).map(({ name }) => name ?? '').join(', ');
  writer.line(0, `Active Jobs:\t${active || '<none>'}`);
}
