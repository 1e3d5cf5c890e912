/** Event: something that happened to an object, in the new form. Source: events.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, microTime, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ObjectReference } from '../core/endpoints.ts';
import { Event as CoreEvent, EventSource } from '../core/event.ts';
import { eventColumns, eventFields } from '../core/event-columns.ts';
import { toCoreEvent, toEventsEvent } from './event-conversion.ts';
import { strictEventErrors } from './event-validation.ts';

/** How often it happened, and when last. */
export const EventSeries = defineStruct('EventSeries', {
  count: int32(1),
  lastObservedTime: microTime(2),
});
export type EventSeries = TypeOf<typeof EventSeries>;

/** The fields that v1 events are selected by, under the names they have here. */
function eventsFields(): ReturnType<typeof eventFields<Event>> {
  const renamed = (name: string): string =>
    name.replace(/^involvedObject\./, 'regarding.').replace(/^reportingComponent$/, 'reportingController');
  const fields = eventFields<Event>(toCoreEvent);
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [renamed(name), field]));
}

const statedFields = {
  eventTime: microTime(2),
  series: struct(3, EventSeries).optional(),
  reportingController: text(4).omitEmpty(),
  reportingInstance: text(5).omitEmpty(),
  action: text(6).omitEmpty(),
  reason: text(7).omitEmpty(),
  regarding: struct(8, ObjectReference).default({}),
  related: struct(9, ObjectReference).optional(),
  note: text(10).omitEmpty(),
  type: text(11).omitEmpty(),
  deprecatedSource: struct(12, EventSource).default({}),
  deprecatedFirstTimestamp: time(13).omitEmpty(),
  deprecatedLastTimestamp: time(14).omitEmpty(),
  deprecatedCount: int32(15).omitEmpty(),
};
export type Event = StoredObject<typeof statedFields>;

/** An event in the new form; it is stored in the old one. */
export const Event = defineResource({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  createdByReplace: true,
  ownsNothing: true,
  shortNames: ['ev'],
  storedAs: { resource: CoreEvent, toStored: toCoreEvent, fromStored: (event) => toEventsEvent(event as CoreEvent) },
  fields: statedFields,
  columns: eventColumns<Event>(toCoreEvent),
  selectableFields: eventsFields(),
  validate: (event, { old }) => strictEventErrors(toCoreEvent(event), { old: old && toCoreEvent(old) }),
});
