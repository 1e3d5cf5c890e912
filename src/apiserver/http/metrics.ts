/** What the server counts, in Prometheus' text format. */
import type { Resource } from '../../machinery/resource.ts';
import type { HandlerContext } from '../resources/handler-context.ts';

/** What a request was, for counting. */
export interface CountedRequest {
  /** Undefined for documents. */
  readonly resource: Resource | undefined;
  readonly verb: string;
  /** One that the kind has, or ''. */
  readonly subresource: string;
  readonly scope: 'cluster' | 'namespace' | 'resource' | '';
  /** A watch or another long one, whose duration says nothing. */
  readonly long: boolean;
}

/** Upper bounds in seconds. Source: apiserver_request_duration_seconds, thinned. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 3, 5, 10, 30, 60];

/** The requests that have all labels but the code in common. */
interface Series {
  readonly labels: string;
  readonly codes: Map<number, number>;
  readonly buckets: number[];
  sum: number;
  count: number;
}

/** Stands for no kind. */
const documents = {};
const readOnly = new Set(['get', 'list', 'watch', 'head', 'options', 'connect']);

/** Counters of requests. */
export class RequestMetrics {
  /** By the names of the kind, '' for documents; and the same by kind, which spares making a string of the names. */
  readonly #series = new Map<string, Map<string, Series>>();
  readonly #byKind = new WeakMap<object, Map<string, Series>>();
  readonly #inFlight = { mutating: 0, readOnly: 0 };
  #longRunning = 0;

  /** Counts one request as under way. */
  begin(request: CountedRequest): void {
    this.#shift(request, 1);
  }

  /** Counts one request as no longer under way. */
  end(request: CountedRequest): void {
    this.#shift(request, -1);
  }

  /** Counts the answer to one request. */
  observe(request: CountedRequest, code: number, seconds: number): void {
    const series = this.#seriesOf(request);
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    if (request.long) return;
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) series.buckets[bucket]! += 1;
    series.sum += seconds;
    series.count += 1;
  }

  #shift({ verb, long }: CountedRequest, by: number): void {
    if (long) this.#longRunning += by;
    else this.#inFlight[readOnly.has(verb) ? 'readOnly' : 'mutating'] += by;
  }

  #seriesOf(request: CountedRequest): Series {
    const { resource = documents, verb, subresource, scope } = request;
    let ofKind = this.#byKind.get(resource);
    if (!ofKind) this.#byKind.set(resource, (ofKind = this.#seriesOfKind(request)));
    const key = `${verb} ${scope} ${subresource}`;
    let series = ofKind.get(key);
    if (!series) {
      series = { labels: labelsOf(request), codes: new Map(), buckets: bounds.map(() => 0), sum: 0, count: 0 };
      ofKind.set(key, series);
    }
    return series;
  }

  #seriesOfKind({ resource }: CountedRequest): Map<string, Series> {
    const name = resource ? `${resource.apiVersion}/${resource.plural}` : '';
    let ofKind = this.#series.get(name);
    if (!ofKind) this.#series.set(name, (ofKind = new Map()));
    return ofKind;
  }

  /** All metrics of the server. */
  render({ caches }: HandlerContext): string {
    const series = [...this.#series.values()].flatMap((ofKind) => [...ofKind.values()]);
    const lines = [
      ...describe('apiserver_request_total', 'counter', 'Counter of apiserver requests by verb, resource and code.'),
      ...series.flatMap(({ labels, codes }) =>
        [...codes].map(([code, value]) => `apiserver_request_total{${labels},code="${code}"} ${value}`),
      ),
      ...describe('apiserver_request_duration_seconds', 'histogram', 'Response latency in seconds.'),
      ...series.filter(({ count }) => count > 0).flatMap(renderHistogram),
      ...describe('apiserver_current_inflight_requests', 'gauge', 'Requests under way, without watches.'),
      ...Object.entries(this.#inFlight).map(
        ([kind, value]) => `apiserver_current_inflight_requests{request_kind="${kind}"} ${value}`,
      ),
      ...describe('apiserver_longrunning_requests', 'gauge', 'Watches, proxied connections and logs under way.'),
      `apiserver_longrunning_requests ${this.#longRunning}`,
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

function renderHistogram({ labels, buckets, sum, count }: Series): string[] {
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

function labelsOf({ resource, verb, subresource, scope }: CountedRequest): string {
  const { group = '', version = '', plural = '' } = resource ?? {};
  const labels = { group, version, resource: plural, subresource, scope, verb: verb.toUpperCase() };
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
}
