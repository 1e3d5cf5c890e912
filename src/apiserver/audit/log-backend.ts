import type { AuditBackend, AuditFailures } from './audit-backend.ts';
import { eventText, legacyText } from './audit-event.ts';

/** Where lines go. */
export interface AuditWriter {
  /** Appends; throws or rejects when it can't. */
  append(text: string): void | Promise<void>;
  close(): Promise<void>;
}

/** Forms of a log. */
export const auditLogFormats = ['legacy', 'json'] as const;
/** One of `auditLogFormats`. */
export type AuditLogFormat = (typeof auditLogFormats)[number];

/** Writes events as lines. Source: apiserver's plugin/pkg/audit/log. */
export function logBackend(writer: AuditWriter, format: AuditLogFormat, failures: AuditFailures): AuditBackend {
  const lineOf = format === 'json' ? eventText : legacyText;
  return {
    process(events) {
      const failed = (error: unknown): false => {
        failures.failed('log', error, events);
        return false;
      };
      try {
        const written = writer.append(events.map((event) => `${lineOf(event)}\n`).join(''));
        return written ? written.then(() => true, failed) : true;
      } catch (error) {
        return failed(error);
      }
    },
    close: () => writer.close(),
  };
}
