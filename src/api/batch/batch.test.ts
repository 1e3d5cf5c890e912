import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { cells, decoded, problems, statusProblems } from '../testing/kind-problems.ts';
import { CronJob } from './cron-job.ts';
import { parseCronSchedule } from './cron-schedule.ts';
import { Job } from './job.ts';

const pod = { containers: [{ name: 'c', image: 'i:1' }], restartPolicy: 'Never' };
const template = { metadata: { labels: { app: 'sum' } }, spec: pod };

/** A Job as it is after its creation: with its selector. */
function created(spec: object = {}): Record<string, unknown> {
  const metadata = { name: 'sum', namespace: 'ns', uid: 'u1' };
  const job = decodeObject(Job, { metadata, spec: { template, ...spec } }).object;
  Job.prepareForCreate?.(job, { user: { name: 'ann', groups: [] } });
  return { ...job };
}

/** A change of a created Job's spec. */
function changed(job: Record<string, unknown>, spec: object, status: object = {}): Record<string, unknown> {
  return { ...job, spec: { ...(job['spec'] as object), ...spec }, status };
}

describe('jobs', () => {
  test('have defaults that a cron job leaves to them', () => {
    expect(decoded(Job, { spec: { template } })).toMatchObject({
      metadata: { labels: { app: 'sum' } },
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: 'TerminatingOrFailed',
      },
    });
    expect(decoded(Job, { spec: { template, parallelism: 3 } }).spec).not.toHaveProperty('completions');
    const { spec } = decoded(CronJob, { spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } });
    expect(Object.keys(spec.jobTemplate.spec)).toEqual(['template']);
    expect(spec).toMatchObject({ concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3 });
  });

  test('get a selector that no other job has', () => {
    const job = created();
    expect(job).toMatchObject({
      spec: {
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } },
        template: {
          metadata: {
            labels: {
              app: 'sum',
              'batch.kubernetes.io/controller-uid': 'u1',
              'batch.kubernetes.io/job-name': 'sum',
              'controller-uid': 'u1',
              'job-name': 'sum',
            },
          },
        },
      },
    });
    expect(problems(Job, job)).toEqual([]);
    const labelled = created({ template: { ...template, metadata: { labels: { 'job-name': 'other' } } } });
    expect(problems(Job, labelled)[0]).toContain('spec.template.metadata.labels[job-name]: Invalid value: {');
    expect(problems(Job, labelled)[0]).toContain("must be 'sum'");
  });

  test.each<[string, object, string]>([
    [
      'a pod that is always started again',
      { template: { ...template, spec: { ...pod, restartPolicy: 'Always' } } },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      'a negative parallelism',
      { parallelism: -1 },
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'indexes without a number',
      { completionMode: 'Indexed', completions: undefined, parallelism: 1 },
      'spec.completions: Required value: when completion mode is Indexed',
    ],
    [
      'limits per index without indexes',
      { backoffLimitPerIndex: 1 },
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
    ],
    [
      'a manager without a domain',
      { managedBy: 'me' },
      'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      'a failure policy that says nothing',
      { podFailurePolicy: { rules: [{ action: 'Ignore' }] } },
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
    [
      'exit code 0 as a failure',
      { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [0] } }] } },
      'spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
    ],
    [
      'a success policy without indexes',
      { successPolicy: { rules: [{ succeededCount: 1 }] } },
      'spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode',
    ],
    [
      'success of too many',
      {
        completionMode: 'Indexed',
        completions: 5,
        successPolicy: { rules: [{ succeededCount: 3, succeededIndexes: '0-1' }] },
      },
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
    [
      'success of disordered indexes',
      { completionMode: 'Indexed', completions: 5, successPolicy: { rules: [{ succeededIndexes: '3,1' }] } },
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "3,1": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1',
    ],
  ])('%s is refused', (_name, spec, sentence) => {
    expect(problems(Job, created(spec))).toEqual([sentence]);
  });

  test('change little once they exist', () => {
    const job = created({ completions: 3 });
    expect(problems(Job, changed(job, { parallelism: 2, suspend: true, ttlSecondsAfterFinished: 5 }), job)).toEqual([]);
    expect(problems(Job, changed(job, { completions: 5 }), job)).toEqual([
      'spec.completions: Invalid value: 5: field is immutable',
    ]);
    const indexed = created({ completionMode: 'Indexed', completions: 3, parallelism: 3 });
    expect(problems(Job, changed(indexed, { completions: 4, parallelism: 4 }), indexed)).toEqual([]);
    expect(problems(Job, changed(indexed, { completions: 4 }), indexed)).toEqual([
      'spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism',
    ]);
    expect(problems(Job, changed(job, { backoffLimitPerIndex: 1, completionMode: 'Indexed' }), job)).toEqual([
      'spec.completionMode: Invalid value: "Indexed": field is immutable',
      'spec.backoffLimitPerIndex: Invalid value: 1: field is immutable',
    ]);
  });

  test('change where their pods run only while suspended', () => {
    const suspended = created({ suspend: true });
    const { template: own } = suspended['spec'] as { template: { metadata: object; spec: object } };
    const moved = { ...own, spec: { ...own.spec, nodeSelector: { disk: 'ssd' } } };
    expect(problems(Job, changed(suspended, { template: moved }), suspended)).toEqual([]);
    const running = changed(suspended, { suspend: false });
    expect(problems(Job, changed(running, { template: moved }), running)[0]).toMatch(
      /^spec\.template: Invalid value: .*field is immutable$/s,
    );
  });

  test('show what became of them', () => {
    const status = { startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:00:42Z', succeeded: 2 };
    const conditions = [{ type: 'Complete', status: 'True' }];
    expect(cells(Job, { spec: { template, completions: 2 }, status: { ...status, conditions } })).toEqual({
      Status: 'Complete',
      Completions: '2/2',
      Duration: '42s',
      Containers: 'c',
      Images: 'i:1',
      Selector: '<none>',
    });
    expect(cells(Job, { spec: { template, parallelism: 3 } })).toMatchObject({
      Status: 'Running',
      Completions: '0/1 of 3',
      Duration: '',
    });
  });

  test('end once, and for good', () => {
    const job = created();
    const now = '2026-01-01T00:00:00Z';
    const done = {
      startTime: now,
      completionTime: now,
      succeeded: 1,
      conditions: [
        { type: 'SuccessCriteriaMet', status: 'True' },
        { type: 'Complete', status: 'True' },
      ],
    };
    expect(statusProblems(Job, changed(job, {}, done), job)).toEqual([]);
    expect(statusProblems(Job, changed(job, {}, { ...done, active: 1, startTime: undefined }), job)).toEqual([
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.startTime: Required value: startTime is required for finished job',
    ]);
    expect(statusProblems(Job, changed(job, {}, { startTime: now }), changed(job, {}, done))).toEqual([
      'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
      'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
    ]);
  });
});

describe('cron jobs', () => {
  const jobTemplate = { spec: { template } };

  test.each<[string, object, string]>([
    ['no schedule', {}, 'spec.schedule: Required value'],
    [
      'too few fields',
      { schedule: '* * *' },
      'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
    ],
    [
      'a minute that there is not',
      { schedule: '61 * * * *' },
      'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
    ],
    [
      'a word',
      { schedule: 'x * * * *' },
      'spec.schedule: Invalid value: "x * * * *": failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
    ],
    [
      'a time zone in the schedule',
      { schedule: 'TZ=UTC 0 * * * *' },
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      'an unknown time zone',
      { schedule: '0 * * * *', timeZone: 'Mars/Base' },
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
    ],
    [
      'the local time zone',
      { schedule: '0 * * * *', timeZone: 'Local' },
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
    [
      'a selector of its own',
      { schedule: '0 * * * *', jobTemplate: { spec: { template, selector: {} } } },
      'spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated',
    ],
  ])('%s is refused', (_name, spec, sentence) => {
    expect(problems(CronJob, { spec: { jobTemplate, ...spec } })).toEqual([sentence]);
  });

  test('their names leave room for the time', () => {
    const named = (length: number) => ({
      metadata: { name: 'n'.repeat(length), namespace: 'ns' },
      spec: { schedule: '@daily', jobTemplate },
    });
    expect(problems(CronJob, named(52))).toEqual([]);
    expect(problems(CronJob, named(53))).toEqual([
      `metadata.name: Invalid value: "${'n'.repeat(53)}": must be no more than 52 bytes`,
    ]);
  });

  test('schedules name their times', () => {
    expect(parseCronSchedule('*/20 9-17/4 1,15 jan-mar mon')).toEqual({
      minutes: [0, 20, 40],
      hours: [9, 13, 17],
      daysOfMonth: [1, 15],
      months: [1, 2, 3],
      daysOfWeek: [1],
      anyDayOfMonth: false,
      anyDayOfWeek: false,
    });
    expect(parseCronSchedule('@weekly')).toMatchObject({ minutes: [0], daysOfWeek: [0], anyDayOfMonth: true });
    expect(parseCronSchedule('@every 1h30m')).toMatchObject({ everySeconds: 5400 });
    expect(() => parseCronSchedule('@never')).toThrow('unrecognized descriptor: @never');
  });

  test('show when they ran', () => {
    const status = { active: [{ name: 'a' }], lastScheduleTime: '2026-01-01T00:55:00Z' };
    expect(
      cells(CronJob, { spec: { schedule: '@daily', suspend: true, timeZone: 'UTC', jobTemplate }, status }),
    ).toEqual({
      Schedule: '@daily',
      Timezone: 'UTC',
      Suspend: 'True',
      Active: 1,
      'Last Schedule': '5m',
      Containers: 'c',
      Images: 'i:1',
      Selector: '<none>',
    });
  });
});
