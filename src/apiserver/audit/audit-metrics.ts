import { auditLevels } from './audit-event.ts';
import type { AuditLevel } from './audit-event.ts';

/** What auditing counts, under upstream's names. Source: apiserver's audit/metrics. */
export class AuditMetrics {
  readonly #levels = new Map<AuditLevel, number>(auditLevels.map((level) => [level, 0]));
  readonly #errors = new Map<string, number>();
  #events = 0;
  #rejected = 0;

  /** One request of a level. */
  request(level: AuditLevel): void {
    this.#levels.set(level, (this.#levels.get(level) ?? 0) + 1);
  }

  /** One event made. */
  event(): void {
    this.#events++;
  }

  /** Events that `plugin` lost. */
  failed(plugin: string, events: number): void {
    this.#errors.set(plugin, (this.#errors.get(plugin) ?? 0) + events);
  }

  /** One request refused because it could not be recorded. */
  rejected(): void {
    this.#rejected++;
  }

  /** In Prometheus' text format. */
  render(): string {
    const name = 'apiserver_audit';
    const lines = [
      ...counter(`${name}_event_total`, 'Counter of audit events generated and sent to the audit backend.'),
      `${name}_event_total ${this.#events}`,
      ...counter(`${name}_error_total`, 'Counter of audit events that failed to be audited properly, by plugin.'),
      ...[...this.#errors].map(([plugin, value]) => `${name}_error_total{plugin="${plugin}"} ${value}`),
      ...counter(`${name}_level_total`, 'Counter of policy levels for audit events (1 per request).'),
      ...[...this.#levels].map(([level, value]) => `${name}_level_total{level="${level}"} ${value}`),
      ...counter(`${name}_requests_rejected_total`, 'Counter of requests rejected as their audit event was lost.'),
      `${name}_requests_rejected_total ${this.#rejected}`,
    ];
    return `${lines.join('\n')}\n`;
  }
}

function counter(name: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`];
}
