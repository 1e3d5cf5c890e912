/** How a reconcile ended. Source: the `result` label of controller_runtime_reconcile_total. */
export type ReconcileResult = 'success' | 'error' | 'requeue_after';

/** Where a runner reports what it does. */
export interface RunnerMetrics {
  reconciled(entry: { readonly controller: string; readonly result: ReconcileResult; readonly seconds: number }): void;
  depth(controller: string, keys: number): void;
}

/** Drops everything. */
export const silentMetrics: RunnerMetrics = { reconciled: () => undefined, depth: () => undefined };

interface Counts {
  depth: number;
  readonly results: Map<ReconcileResult, { total: number; seconds: number }>;
}

/** Counts in memory and prints in Prometheus' text format. */
export class RunnerCounters implements RunnerMetrics {
  readonly #controllers = new Map<string, Counts>();

  reconciled(entry: { readonly controller: string; readonly result: ReconcileResult; readonly seconds: number }): void {
    const { results } = this.#counts(entry.controller);
    const result = results.get(entry.result) ?? { total: 0, seconds: 0 };
    result.total++;
    result.seconds += entry.seconds;
    results.set(entry.result, result);
  }

  depth(controller: string, keys: number): void {
    this.#counts(controller).depth = keys;
  }

  /** Lines of the exposition format, each ended by a newline. */
  format(): string {
    const lines = ['# TYPE workqueue_depth gauge'];
    for (const [name, { depth }] of this.#controllers) lines.push(`workqueue_depth{name="${name}"} ${depth}`);
    lines.push('# TYPE controller_runtime_reconcile_total counter');
    for (const [name, result, { total }] of this.#results()) {
      lines.push(`controller_runtime_reconcile_total{controller="${name}",result="${result}"} ${total}`);
    }
    lines.push('# TYPE controller_runtime_reconcile_time_seconds_sum counter');
    for (const [name, result, { seconds }] of this.#results()) {
      lines.push(`controller_runtime_reconcile_time_seconds_sum{controller="${name}",result="${result}"} ${seconds}`);
    }
    return `${lines.join('\n')}\n`;
  }

  *#results(): Generator<[string, ReconcileResult, { total: number; seconds: number }]> {
    for (const [name, { results }] of this.#controllers) {
      for (const [result, counts] of results) yield [name, result, counts];
    }
  }

  #counts(controller: string): Counts {
    const counts = this.#controllers.get(controller) ?? { depth: 0, results: new Map() };
    this.#controllers.set(controller, counts);
    return counts;
  }
}
