/** Validation of CronJobs. Source: kubernetes' batch validation. */
import { messageOf } from '../../base/errors.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import { maxLengthError } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { nonNegative } from '../core/value-checks.ts';
import { parseCronSchedule } from './cron-schedule.ts';
import type { CronJob, CronJobSpec } from './cron-job.ts';
import { jobSpecErrors } from './job-validation.ts';
import type { JobSpec } from './job.ts';

/** A Job's name is that of its CronJob and eleven characters for the time. */
const longestName = 63 - 11;
/** A part of a time zone's name. Source: https://data.iana.org/time-zones/theory.html#naming */
const zonePart = /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/;

/** What is wrong with a CronJob. */
export function cronJobErrors(
  { metadata, spec }: CronJob,
  { old, subresource }: ValidationContext<CronJob>,
): FieldError[] {
  if (subresource === 'status') return [];
  const isTooLong = !old && metadata.name.length > longestName;
  return [
    ...scheduleErrors(spec, old?.spec),
    ...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...(old && old.spec.timeZone === spec.timeZone ? [] : timeZoneErrors(spec.timeZone)),
    ...templateErrors(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...nonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...nonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
    ...(isTooLong ? [invalid('metadata.name', metadata.name, maxLengthError(longestName))] : []),
  ];
}

function scheduleErrors({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const path = 'spec.schedule';
  if (!schedule) return [required(path)];
  const errors: FieldError[] = [];
  try {
    parseCronSchedule(schedule);
  } catch (error) {
    errors.push(invalid(path, schedule, messageOf(error)));
  }
  if (!schedule.includes('TZ')) return errors;
  if (!old?.schedule.includes('TZ')) {
    return [...errors, invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  }
  const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
  return timeZone === undefined ? errors : [...errors, invalid(path, schedule, detail)];
}

function timeZoneErrors(zone: string | undefined): FieldError[] {
  const path = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  const parts = zone.split('/');
  if (parts.some((part) => part === '.' || part === '..' || !zonePart.test(part))) {
    return [invalid(path, zone, `unknown time zone ${zone}`)];
  }
  const explicit = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  if (zone.toLowerCase() === 'local') return [invalid(path, zone, explicit)];
  return isKnownZone(zone) ? [] : [invalid(path, zone, `unknown time zone ${zone}`)];
}

function isKnownZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function templateErrors(spec: JobSpec, path: string): FieldError[] {
  return [
    ...jobSpecErrors(spec, path),
    ...(spec.selector ? [invalid(`${path}.selector`, spec.selector, '`selector` will be auto-generated')] : []),
    ...(spec.manualSelector ? [notSupported(`${path}.manualSelector`, true, ['nil', 'false'])] : []),
  ];
}
