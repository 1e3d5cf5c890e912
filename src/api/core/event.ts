/** Event: something that happened to an object, in the old form. Source: core/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { defineStruct, int32, microTime, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { ObjectReference } from './endpoints.ts';
import { eventColumns, eventFields } from './event-columns.ts';
import { eventErrors } from './event-validation.ts';

export const EventSeries = defineStruct('EventSeries', {
  count: int32(1).omitEmpty(),
  lastObservedTime: microTime(2).omitEmpty(),
});
export type EventSeries = TypeOf<typeof EventSeries>;

export const EventSource = defineStruct('EventSource', {
  component: text(1).omitEmpty(),
  host: text(2).omitEmpty(),
});
export type EventSource = TypeOf<typeof EventSource>;

const statedFields = {
  involvedObject: struct(2, ObjectReference),
  reason: text(3).omitEmpty(),
  message: text(4).omitEmpty(),
  source: struct(5, EventSource).default({}),
  firstTimestamp: time(6).omitEmpty(),
  lastTimestamp: time(7).omitEmpty(),
  count: int32(8).omitEmpty(),
  type: text(9).omitEmpty(),
  eventTime: microTime(10).omitEmpty(),
  series: struct(11, EventSeries).optional(),
  action: text(12).omitEmpty(),
  related: struct(13, ObjectReference).optional(),
  reportingComponent: text(14).default(''),
  reportingInstance: text(15).default(''),
};
export type Event = StoredObject<typeof statedFields>;

export const Event = defineResource({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  createdByReplace: true,
  ownsNothing: true,
  shortNames: ['ev'],
  fields: statedFields,
  columns: eventColumns<Event>((event) => event),
  selectableFields: eventFields<Event>((event) => event),
  validate: (event) => eventErrors(event),
});
