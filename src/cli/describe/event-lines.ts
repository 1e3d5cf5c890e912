import type { Event } from '../../api/core/event.ts';
import { ageOf } from '../../machinery/human-duration.ts';
import type { DescribeWriter } from './describe-writer.ts';

/** The events at the end of a description, oldest first, in a table of their own. */
export function writeEvents(writer: DescribeWriter, events: readonly Event[], now: number): void {
  if (events.length === 0) {
    writer.line(0, 'Events:\t<none>');
    return;
  }
  writer.flush();
  writer.line(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage');
  writer.line(1, '----\t------\t----\t----\t-------');
  const at = (event: Event): number => Date.parse(event.lastTimestamp ?? '') || 0;
  for (const event of events.toSorted((a, b) => at(a) - at(b))) {
    const source = event.source?.component || event.reportingComponent || '';
    const cells = [event.type ?? '', event.reason ?? '', eventAge(event, now), source, (event.message ?? '').trim()];
    writer.line(1, cells.join('\t'));
  }
}

/** How long ago an event was, and how often: `5s (x3 over 1m)`. */
export function eventAge(event: Event, now: number): string {
  const first = ageOf(event.eventTime ?? event.firstTimestamp, now);
  if (event.series) return `${ageOf(event.series.lastObservedTime, now)} (x${event.series.count ?? 0} over ${first})`;
  if ((event.count ?? 0) > 1) return `${ageOf(event.lastTimestamp, now)} (x${event.count} over ${first})`;
  return first;
}
