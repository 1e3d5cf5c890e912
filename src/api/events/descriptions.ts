/** What events and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  Event: {
    '': 'Something that happened to an object.',
    eventTime: 'When it was first observed.',
    series: 'How it goes on, if it does.',
    reportingController: 'Who reports it, such as `kubernetes.io/kubelet`.',
    reportingInstance: 'Which instance reports it.',
    action: 'What was done.',
    reason: 'Why: one word in CamelCase.',
    regarding: 'The object.',
    related: 'Another object that matters.',
    note: 'Details for people.',
    type: 'Normal or Warning.',
    deprecatedSource: 'As `source` of the event in core.',
    deprecatedFirstTimestamp: 'As `firstTimestamp` of the event in core.',
    deprecatedLastTimestamp: 'As `lastTimestamp` of the event in core.',
    deprecatedCount: 'As `count` of the event in core.',
  },
  EventSeries: {
    '': 'An event that goes on happening.',
    count: 'How often it happened.',
    lastObservedTime: 'When it happened last.',
  },
};
