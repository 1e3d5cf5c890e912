import { eventText } from './audit-event.ts';
import type { AuditEvent } from './audit-event.ts';
import { allRecorded } from './audit-backend.ts';
import type { AuditBackend, AuditFailures } from './audit-backend.ts';

/** Upper bounds in bytes. */
export interface TruncationLimits {
  /** Of an event: beyond it the objects are left out, and if that does not suffice the event. */
  readonly maxEventSize: number;
  /** Of the events that are handed on together. */
  readonly maxBatchSize: number;
}

/** Keeps events and batches within limits. Source: apiserver's plugin/pkg/audit/truncate. */
export function truncatingBackend(
  backend: AuditBackend,
  limits: TruncationLimits,
  failures: AuditFailures,
): AuditBackend {
  return {
    process(events) {
      const fitting = events.map((event) => fitted(event, limits.maxEventSize));
      const kept = fitting.filter((event) => sizeOf(event) <= limits.maxEventSize);
      const lost = fitting.filter((event) => sizeOf(event) > limits.maxEventSize);
      if (lost.length > 0) failures.failed('truncate', new Error('event is too large even after truncating'), lost);
      return allRecorded(batchesOf(kept, limits.maxBatchSize).map((batch) => backend.process(batch)));
    },
    close: () => backend.close(),
  };
}

function fitted(event: AuditEvent, max: number): AuditEvent {
  if (sizeOf(event) <= max || event.level === 'Metadata') return event;
  const annotations = { ...event.annotations, 'audit.k8s.io/truncated': 'true' };
  return { ...event, requestObject: undefined, responseObject: undefined, annotations };
}

function batchesOf(events: readonly AuditEvent[], max: number): AuditEvent[][] {
  const batches: AuditEvent[][] = [];
  let size = 0;
  for (const event of events) {
    const more = sizeOf(event);
    if (batches.length === 0 || size + more > max) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)!.push(event);
    size += more;
  }
  return batches;
}

/** With the line feed that follows. */
function sizeOf(event: AuditEvent): number {
  return Buffer.byteLength(eventText(event)) + 1;
}
