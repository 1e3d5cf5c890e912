/** Validation of a Job's status, which controllers of others may write. Source: kubernetes' batch validation. */
import { messageOf } from '../../base/errors.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, omittedValue, required } from '../../machinery/field-error.ts';
import { each, nonNegative } from '../core/value-checks.ts';
import { parseIndexes, sharedIndex } from './job-indexes.ts';
import type { IndexInterval } from './job-indexes.ts';
import type { Job, JobStatus } from './job.ts';

type Condition = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet';

const conditionsPath = 'status.conditions';

/** What is wrong with a write of a Job's status. */
export function jobStatusErrors(job: Job, old: Job | undefined): FieldError[] {
  return [
    ...countErrors(job.status),
    ...uncountedErrors(job.status),
    ...conditionErrors(job.status),
    ...timeErrors(job.status),
    ...finishedErrors(job.status),
    ...indexErrors(job),
    ...policyErrors(job),
    ...(old ? transitionErrors(job, old) : []),
  ];
}

function holds({ conditions = [] }: JobStatus, wanted: Condition): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}

function isFinished(status: JobStatus): boolean {
  return holds(status, 'Complete') || holds(status, 'Failed');
}

function countErrors(status: JobStatus): FieldError[] {
  const { ready, active = 0 } = status;
  return [
    ...(['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((name) =>
      nonNegative(status[name], `status.${name}`),
    ),
    ...(ready !== undefined && ready > active
      ? [invalid('status.ready', ready, 'cannot set more ready pods than active')]
      : []),
  ];
}

function uncountedErrors({ uncountedTerminatedPods: pods }: JobStatus): FieldError[] {
  if (!pods) return [];
  const path = 'status.uncountedTerminatedPods';
  const seen = new Set<string>();
  const check = (uid: string, own: string): FieldError[] => {
    if (uid === '') return [invalid(own, uid, 'must not be empty')];
    if (seen.has(uid)) return [duplicate(own, uid)];
    seen.add(uid);
    return [];
  };
  return [...each(pods.succeeded, `${path}.succeeded`, check), ...each(pods.failed, `${path}.failed`, check)];
}

const together: readonly (readonly [Condition, Condition, string])[] = [
  ['Complete', 'Failed', 'cannot set Complete=True and Failed=true conditions'],
  ['Complete', 'FailureTarget', 'cannot set Complete=True and FailureTarget=true conditions'],
  ['SuccessCriteriaMet', 'Failed', 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
  ['SuccessCriteriaMet', 'FailureTarget', 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
];
const needed: readonly (readonly [Condition, Condition, string])[] = [
  ['Failed', 'FailureTarget', 'cannot set Failed=True condition without the FailureTarget=true condition'],
  [
    'Complete',
    'SuccessCriteriaMet',
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  ],
];

function conditionErrors(status: JobStatus): FieldError[] {
  const wrong = [
    ...together.filter(([one, other]) => holds(status, one) && holds(status, other)),
    ...needed.filter(([one, other]) => holds(status, one) && !holds(status, other)),
  ];
  return wrong.map(([, , detail]) => invalid(conditionsPath, omittedValue, detail));
}

function timeErrors(status: JobStatus): FieldError[] {
  const { startTime, completionTime } = status;
  const path = 'status.completionTime';
  const isComplete = holds(status, 'Complete');
  if (completionTime === undefined) {
    return isComplete ? [required(path, 'completionTime is required for Complete jobs')] : [];
  }
  const isEarly = startTime !== undefined && Date.parse(completionTime) < Date.parse(startTime);
  const unexpected = 'cannot set completionTime when there is no Complete=True condition';
  return [
    ...(isComplete ? [] : [invalid(path, completionTime, unexpected)]),
    ...(isEarly ? [invalid(path, completionTime, 'must be equal to or after `startTime`')] : []),
  ];
}

function finishedErrors(status: JobStatus): FieldError[] {
  if (!isFinished(status)) return [];
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: pods } = status;
  const uncounted = (pods?.succeeded ?? []).length + (pods?.failed ?? []).length;
  return [
    ...(active > 0 ? [invalid('status.active', active, 'active>0 is invalid for finished job')] : []),
    ...(startTime === undefined ? [required('status.startTime', 'startTime is required for finished job')] : []),
    ...(uncounted > 0 ? [invalid('status.uncountedTerminatedPods', pods, 'must be empty for finished job')] : []),
    ...(terminating > 0
      ? [invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job')]
      : []),
  ];
}

function indexErrors({ spec, status }: Job): FieldError[] {
  const { completedIndexes = '', failedIndexes } = status;
  const { completions, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  const parse = (name: 'completedIndexes' | 'failedIndexes', text: string): readonly IndexInterval[] => {
    try {
      return parseIndexes(text, completions ?? 0);
    } catch (error) {
      errors.push(invalid(`status.${name}`, text, `error parsing ${name}: ${messageOf(error)}`));
      return [];
    }
  };
  if (completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalid('status.completedIndexes', completedIndexes, detail));
  }
  if (failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errors.push(invalid('status.failedIndexes', failedIndexes, detail));
  }
  if (completions === undefined) return errors;
  const completed = parse('completedIndexes', completedIndexes);
  const failed =
    failedIndexes === undefined || backoffLimitPerIndex === undefined ? [] : parse('failedIndexes', failedIndexes);
  const both = sharedIndex(completed, failed);
  if (both === undefined) return errors;
  const detail = `failedIndexes and completedIndexes overlap at index: ${both}`;
  return [...errors, invalid('status.failedIndexes', failedIndexes, detail)];
}

function policyErrors({ spec, status }: Job): FieldError[] {
  if (!spec.successPolicy || holds(status, 'SuccessCriteriaMet') || !holds(status, 'Complete')) return [];
  const detail = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
  return [invalid(conditionsPath, omittedValue, detail)];
}

function transitionErrors({ spec, status }: Job, { status: before }: Job): FieldError[] {
  const isScalable = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  const lost = (['Failed', 'Complete', 'FailureTarget'] as const).filter(
    (type) => holds(before, type) && !holds(status, type),
  );
  const decreased = (name: 'failed' | 'succeeded'): FieldError[] =>
    (status[name] ?? 0) < (before[name] ?? 0)
      ? [invalid(`status.${name}`, status[name] ?? 0, `cannot decrease the ${name} counter`)]
      : [];
  return [
    ...lost.map((type) => invalid(conditionsPath, omittedValue, `cannot disable the terminal ${type}=True condition`)),
    ...decreased('failed'),
    ...(isScalable ? [] : decreased('succeeded')),
    ...(status.completionTime && before.completionTime && status.completionTime !== before.completionTime
      ? [invalid('status.completionTime', status.completionTime, 'field is immutable')]
      : []),
    ...(before.startTime && before.startTime !== status.startTime && !spec.suspend
      ? [required('status.startTime', 'startTime cannot be removed for unsuspended job')]
      : []),
    ...criteriaErrors(status, before),
  ];
}

function criteriaErrors(status: JobStatus, before: JobStatus): FieldError[] {
  const [was, is] = [holds(before, 'SuccessCriteriaMet'), holds(status, 'SuccessCriteriaMet')];
  if (was && !is)
    return [invalid(conditionsPath, omittedValue, 'cannot disable the SuccessCriteriaMet=True condition')];
  const isLate = holds(before, 'Complete') && !was && is;
  const detail = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
  return isLate ? [invalid(conditionsPath, omittedValue, detail)] : [];
}
