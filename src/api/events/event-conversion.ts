/**
 * An event is one stored object with two faces: v1 Event and events.k8s.io/v1 Event. These turn one into the other.
 * Source: kubernetes' events/v1 conversion.
 */
import type { Event as CoreEvent } from '../core/event.ts';
import type { Event } from './event.ts';

/** The v1 form of an events.k8s.io/v1 event. */
export function toCoreEvent(event: Event): CoreEvent {
  const { metadata, eventTime, series, reportingController, reportingInstance, action, reason, type, related } = event;
  return definedOnly({
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: event.regarding,
    reason,
    message: event.note,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    type,
    eventTime: eventTime || undefined,
    series,
    action,
    related,
    reportingComponent: reportingController ?? '',
    reportingInstance: reportingInstance ?? '',
  });
}

/** The events.k8s.io/v1 form of a v1 event. */
export function toEventsEvent(event: CoreEvent): Event {
  const { metadata, eventTime, series, reportingInstance, action, reason, type, related } = event;
  return definedOnly({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    // The field is required and may be null: old events have none.
    eventTime: eventTime ?? (null as unknown as string),
    series: series && { count: series.count ?? 0, lastObservedTime: series.lastObservedTime ?? '' },
    reportingController: event.reportingComponent || undefined,
    reportingInstance: reportingInstance || undefined,
    action,
    reason,
    regarding: event.involvedObject,
    related,
    note: event.message,
    type,
    deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp,
    deprecatedLastTimestamp: event.lastTimestamp,
    deprecatedCount: event.count,
  });
}

function definedOnly<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
