/**
 * Validation of events sent in the new form: stricter than that of the old one, and with the names of its fields.
 * Source: kubernetes' core validation of events.
 */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { eventErrors } from '../core/event-validation.ts';
import type { Event } from '../core/event.ts';

/** What is wrong with an event that comes in the new form, or with its update. */
export function strictEventErrors(event: Event, { old }: { readonly old?: Event | undefined }): FieldError[] {
  const errors = eventErrors(event, 'reportingController');
  if (!old) return [...errors, ...seriesErrors(event), ...newEventErrors(event)];
  const isSame = equalJson(event.series, old.series);
  return [...errors, ...(isSame ? [] : seriesErrors(event)), ...changeErrors(event, old)];
}

function seriesErrors({ series }: Event): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ];
}

function newEventErrors({ eventTime, type, firstTimestamp, lastTimestamp, count, source }: Event): FieldError[] {
  const unwanted = {
    firstTimestamp: Boolean(firstTimestamp),
    lastTimestamp: Boolean(lastTimestamp),
    count: Boolean(count),
    source: Boolean(source.component) || Boolean(source.host),
  };
  return [
    ...(eventTime ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type ?? ''}`)]),
    ...Object.entries(unwanted).flatMap(([path, isSet]) => (isSet ? [invalid(path, '', 'needs to be unset')] : [])),
  ];
}

const constants = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'eventTime',
  'action',
  'related',
  'type',
] as const;

function changeErrors(event: Event, old: Event): FieldError[] {
  const reporters = { reportingController: 'reportingComponent', reportingInstance: 'reportingInstance' } as const;
  const fields = [...constants.map((name) => [name, name] as const), ...Object.entries(reporters)];
  return fields.flatMap(([path, name]) =>
    equalJson(event[name], old[name]) ? [] : [invalid(path, event[name], 'field is immutable')],
  );
}
