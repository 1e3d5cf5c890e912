import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditMetrics } from './audit-metrics.ts';

/** Where events go. Source: apiserver's audit.Backend. */
export interface AuditBackend {
  /** Takes events in; false when they could not be recorded. Never throws: failures are counted and logged. */
  process(events: readonly AuditEvent[]): Recorded;
  /** Resolves when all that was taken in has been recorded, or can't be in a few seconds. Nothing is processed afterwards. */
  close(): Promise<void>;
}

/** Whether events were recorded; a promise where that takes time. */
export type Recorded = boolean | Promise<boolean>;

/** Whether all were recorded. */
export function allRecorded(each: readonly Recorded[]): Recorded {
  if (!each.some((one) => one instanceof Promise)) return each.every(Boolean);
  return Promise.all(each.map(async (one) => one)).then((all) => all.every(Boolean));
}

/** Counts and logs events that are lost. */
export class AuditFailures {
  readonly #metrics: AuditMetrics;
  readonly #log: Logger;

  constructor(metrics: AuditMetrics, log: Logger) {
    this.#metrics = metrics;
    this.#log = log;
  }

  /** `plugin` is upstream's name of the backend that failed. What was to be recorded is not logged: it may be secret. */
  failed(plugin: string, error: unknown, events: readonly AuditEvent[]): void {
    this.#metrics.failed(plugin, events.length);
    const ids = events.slice(0, 5).map(({ auditID }) => auditID);
    this.#log.error('Error in audit plugin', { plugin, events: events.length, ids, error: messageOf(error) });
  }
}

/** Hands events to several backends; all must have taken them. */
export function everyBackend(backends: readonly AuditBackend[]): AuditBackend {
  const [only, ...others] = backends;
  if (only && others.length === 0) return only;
  return {
    process: (events) => allRecorded(backends.map((backend) => backend.process(events))),
    close: async () => void (await Promise.all(backends.map((backend) => backend.close()))),
  };
}

/** Lets requests go on when their events could not be recorded. */
export function ignoringErrors(backend: AuditBackend): AuditBackend {
  return {
    process(events) {
      const taken = backend.process(events);
      return taken instanceof Promise ? taken.then(() => true) : true;
    },
    close: () => backend.close(),
  };
}
