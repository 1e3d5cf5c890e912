/** The columns of `kubectl get jobs`. */
import { humanDuration } from '../../machinery/human-duration.ts';
import type { Column } from '../../machinery/resource.ts';
import { workloadColumns } from '../core/workload-columns.ts';
import type { Job } from './job.ts';

/** The columns beside Name and Age. */
export const jobColumns: Readonly<Record<string, Column<Job>>> = {
  Status: { description: 'Status of the job.', value: statusText },
  Completions: completionsText,
  Duration: { description: 'Time required to complete the job.', value: durationText },
  Containers: workloadColumns.Containers,
  Images: workloadColumns.Images,
  Selector: workloadColumns.Selector,
};

function statusText({ metadata, status }: Job): string {
  const holds = (wanted: string): boolean =>
    (status.conditions ?? []).find(({ type }) => type === wanted)?.status === 'True';
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  return holds('FailureTarget') ? 'FailureTarget' : 'Running';
}

function completionsText({ spec, status }: Job): string {
  const { completions, parallelism = 0 } = spec;
  const succeeded = status.succeeded ?? 0;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status: { startTime, completionTime } }: Job, now: number): string {
  if (startTime === undefined) return '';
  return humanDuration((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}
