/** What the server counts, in Prometheus' text format. */
import type { HandlerContext } from '../resources/handler-context.ts';

/** What a request was, for counting. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: 'cluster' | 'namespace' | 'resource' | '';
}

/** Upper bounds in seconds. Source: apiserver_request_duration_seconds, thinned. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 3, 5, 10, 30, 60];

interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

/** Counters of requests. */
export class RequestMetrics {
  readonly #totals = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();

  /** Counts one request. `seconds` undefined: a watch or another long one, whose duration says nothing. */
  observe(labels: RequestLabels, code: number, seconds: number | undefined): void {
    const { verb, ...rest } = labels;
    const common = formatLabels({ ...rest, verb: verb.toUpperCase() });
    const key = `${common},code="${code}"`;
    this.#totals.set(key, (this.#totals.get(key) ?? 0) + 1);
    if (seconds === undefined) return;
    let histogram = this.#durations.get(common);
    if (!histogram) this.#durations.set(common, (histogram = { buckets: bounds.map(() => 0), sum: 0, count: 0 }));
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) histogram.buckets[bucket]! += 1;
    histogram.sum += seconds;
    histogram.count += 1;
  }

  /** All metrics of the server. */
  render({ caches }: HandlerContext): string {
    const lines = [
      ...describe('apiserver_request_total', 'counter', 'Counter of apiserver requests by verb, resource and code.'),
      ...[...this.#totals].map(([labels, value]) => `apiserver_request_total{${labels}} ${value}`),
      ...describe('apiserver_request_duration_seconds', 'histogram', 'Response latency in seconds.'),
      ...[...this.#durations].flatMap(([labels, histogram]) => renderHistogram(labels, histogram)),
      ...describe('apiserver_storage_objects', 'gauge', 'Number of stored objects by kind.'),
      ...[...caches.all()].map(
        ({ resource, size }) => `apiserver_storage_objects{resource="${resource.qualified}"} ${size}`,
      ),
      ...describe('apiserver_registered_watchers', 'gauge', 'Number of currently registered watchers by kind.'),
      ...[...caches.all()].map(
        ({ resource, watchers }) =>
          `apiserver_registered_watchers{group="${resource.group}",version="${resource.version}",kind="${resource.kind}"} ${watchers.size}`,
      ),
      ...describe('apiserver_storage_revision', 'gauge', 'Newest revision of the store that the caches have seen.'),
      `apiserver_storage_revision ${caches.revision}`,
      ...processMetrics(),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function renderHistogram(labels: string, { buckets, sum, count }: Histogram): string[] {
  const name = 'apiserver_request_duration_seconds';
  let below = 0;
  const lines = bounds.map((bound, index) => {
    below += buckets[index]!;
    return `${name}_bucket{${labels},le="${bound}"} ${below}`;
  });
  return [
    ...lines,
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ];
}

function processMetrics(): string[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return [
    ...describe('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.'),
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    ...describe('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.'),
    `process_resident_memory_bytes ${rss}`,
    ...describe('nodejs_heap_used_bytes', 'gauge', 'Bytes of the JavaScript heap in use.'),
    `nodejs_heap_used_bytes ${heapUsed}`,
  ];
}

function describe(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
}
