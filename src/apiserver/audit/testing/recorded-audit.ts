import { silentLogger } from '../../../base/logger.ts';
import { systemClock } from '../../../base/system-clock.ts';
import { AuditMetrics } from '../audit-metrics.ts';
import { compileAuditPolicy } from '../audit-policy.ts';
import type { AuditPolicy } from '../audit-policy.ts';
import { createAudit } from '../audit.ts';
import type { Audit } from '../audit.ts';
import { eventText } from '../audit-event.ts';
import type { AuditBackend } from '../audit-backend.ts';

/** An event as those read it who have the log. */
export type ReadEvent = Readonly<Record<string, unknown>> & { readonly stage: string; readonly requestURI: string };

/** An audit for tests that keeps what it records. */
export interface RecordedAudit {
  readonly audit: Audit;
  /** The log. */
  text(): string;
  events(): readonly ReadEvent[];
  /** The events of requests whose URI has `part` in it. */
  of(part: string): readonly ReadEvent[];
}

/** Makes an audit of a policy, or of everything at a level. */
export function recordedAudit(
  policy: string | Pick<AuditPolicy, 'rules' | 'omitStages' | 'omitManagedFields'>,
  taken: () => boolean | Promise<boolean> = () => true,
): RecordedAudit {
  const lines: string[] = [];
  const backend: AuditBackend = {
    process(events) {
      lines.push(...events.map(eventText));
      return taken();
    },
    close: async () => undefined,
  };
  const scopes = compileAuditPolicy(typeof policy === 'string' ? { rules: [{ level: policy }] } : policy);
  const audit = createAudit({ backend, scopes, metrics: new AuditMetrics(), clock: systemClock, log: silentLogger });
  const events = (): readonly ReadEvent[] => lines.map((line) => JSON.parse(line) as ReadEvent);
  return {
    audit,
    text: () => lines.join('\n'),
    events,
    of: (part) => events().filter(({ requestURI }) => requestURI.includes(part)),
  };
}
