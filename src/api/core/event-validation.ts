/** Validation of events, whichever group they are sent in. Source: kubernetes' core validation of events. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import type { Event } from './event.ts';

const longestNote = 1024;
const longestText = 128;

/** What is wrong with an event; `reporter` is the name that its group has for who reports it. */
export function eventErrors(event: Event, reporter = 'reportingComponent'): FieldError[] {
  const { metadata, involvedObject, eventTime, reportingComponent, reportingInstance, action, reason } = event;
  const { namespace = '' } = involvedObject;
  // Events about objects without a namespace are kept in one of the system's.
  const homes = eventTime ? ['default', 'kube-system'] : ['default'];
  const isAtHome = namespace === '' ? homes.includes(metadata.namespace ?? '') : namespace === metadata.namespace;
  const isFine = isAtHome || (Boolean(eventTime) && namespace !== '');
  const place = isFine ? [] : [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
  // Events of the old form have no time of their own, and nothing is asked of them.
  if (!eventTime) return place;
  return [
    ...place,
    ...(reportingComponent ? [] : [required(reporter)]),
    ...qualifiedNameErrors(reportingComponent).map((detail) => invalid(reporter, reportingComponent, detail)),
    ...neededText(reportingInstance, 'reportingInstance'),
    ...neededText(action, 'action'),
    ...neededText(reason, 'reason'),
    ...notLonger(event.message, longestNote, 'message'),
  ];
}

function neededText(text: string | undefined, path: string): FieldError[] {
  return text ? notLonger(text, longestText, path) : [required(path)];
}

function notLonger(text: string | undefined, most: number, path: string): FieldError[] {
  const isLong = new TextEncoder().encode(text ?? '').length > most;
  return isLong ? [invalid(path, '', `can have at most ${most} characters`)] : [];
}
