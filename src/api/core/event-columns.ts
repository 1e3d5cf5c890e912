/** The columns of `kubectl get events`, in both groups that events have. */
import { ageOf } from '../../machinery/human-duration.ts';
import type { Column, Rule } from '../../machinery/resource.ts';
import type { Event } from './event.ts';

/** What the columns need of an event, whichever group it comes in. */
export type ShownEvent = Omit<Event, 'apiVersion' | 'kind'>;

/** All columns; events show neither their name first nor their age last. */
export function eventColumns<T>(toShown: (object: T) => ShownEvent): Readonly<Record<string, Column<T>>> {
  const show =
    (value: (event: ShownEvent, now: number) => string | number) =>
    (object: T, now: number): string | number =>
      value(toShown(object), now);
  return {
    'Last Seen': { value: show(lastSeen), description: 'The last time this event was seen.' },
    Type: { value: show(({ type }) => type ?? '') },
    Reason: { value: show(({ reason }) => reason ?? '') },
    Object: { value: show(objectText) },
    Subobject: { wide: true, value: show(({ involvedObject }) => involvedObject.fieldPath ?? '') },
    Source: { wide: true, value: show(sourceText) },
    Message: { value: show(({ message }) => (message ?? '').trim()) },
    'First Seen': { wide: true, value: show(firstSeen) },
    Count: { wide: true, value: show(({ series, count }) => series?.count ?? (count || 1)) },
    Name: { wide: true, value: show(({ metadata }) => metadata.name) },
  };
}

/** What events can be selected by. */
export function eventFields<T>(
  toShown: (object: T) => ShownEvent,
): Readonly<Record<string, Rule<[object: T], string>>> {
  const field =
    (value: (event: ShownEvent) => string | undefined) =>
    (object: T): string =>
      value(toShown(object)) ?? '';
  return {
    'involvedObject.kind': field(({ involvedObject }) => involvedObject.kind),
    'involvedObject.namespace': field(({ involvedObject }) => involvedObject.namespace),
    'involvedObject.name': field(({ involvedObject }) => involvedObject.name),
    'involvedObject.uid': field(({ involvedObject }) => involvedObject.uid),
    'involvedObject.apiVersion': field(({ involvedObject }) => involvedObject.apiVersion),
    'involvedObject.resourceVersion': field(({ involvedObject }) => involvedObject.resourceVersion),
    'involvedObject.fieldPath': field(({ involvedObject }) => involvedObject.fieldPath),
    reason: field(({ reason }) => reason),
    reportingComponent: field(({ reportingComponent }) => reportingComponent),
    source: field(({ source, reportingComponent }) => source.component || reportingComponent),
    type: field(({ type }) => type),
  };
}

function firstSeen({ firstTimestamp, eventTime }: ShownEvent, now: number): string {
  return ageOf(firstTimestamp ?? eventTime, now);
}

function lastSeen(event: ShownEvent, now: number): string {
  const last = event.series?.lastObservedTime ?? event.lastTimestamp;
  return last === undefined ? firstSeen(event, now) : ageOf(last, now);
}

function objectText({ involvedObject: { kind = '', name = '' } }: ShownEvent): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceText({ source, reportingComponent, reportingInstance }: ShownEvent): string {
  const component = source.component || (reportingComponent ?? '');
  const host = source.host || (source.component ? '' : (reportingInstance ?? ''));
  return [component, host].filter((part) => part !== '').join(', ');
}
