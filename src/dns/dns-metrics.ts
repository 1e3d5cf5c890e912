import type { Clock } from '../base/clock.ts';

/** A question under way. */
export interface Measured {
  readonly transport: 'udp' | 'tcp';
  readonly type: string;
  readonly startedAt: number;
}

const limits = [0.00025, 0.001, 0.004, 0.016, 0.064, 0.256, 1.024, 4.096] as const;
const rcodeNames = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;
/** Types counted by their name; others are counted together, so that clients can't make up series. */
const knownTypes = new Set(['A', 'AAAA', 'SRV', 'PTR', 'CNAME', 'TXT', 'SOA', 'NS', 'MX', 'HTTPS']);

/** What the DNS server counts, under CoreDNS' names. */
export class DnsMetrics {
  readonly #clock: Clock;
  readonly #requests = new Map<string, number>();
  readonly #responses = new Map<string, number>();
  readonly #durations = limits.map(() => 0);
  #count = 0;
  #seconds = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A question came in. */
  begin(transport: 'udp' | 'tcp', type: string): Measured {
    const measured = { transport, type: knownTypes.has(type) ? type : 'other', startedAt: this.#clock.monotonic() };
    increment(this.#requests, `proto="${transport}",type="${measured.type}"`);
    return measured;
  }

  /** It was answered. */
  end(measured: Measured, rcode: number): void {
    const seconds = (this.#clock.monotonic() - measured.startedAt) / 1000;
    this.#count++;
    this.#seconds += seconds;
    limits.forEach((limit, index) => seconds <= limit && (this.#durations[index] = (this.#durations[index] ?? 0) + 1));
    increment(this.#responses, `rcode="${rcodeNames[rcode] ?? rcode}"`);
  }

  /** The Prometheus text format. */
  render(cache: { readonly hits: number; readonly misses: number; readonly entries: number }): string {
    const counters = (name: string, values: ReadonlyMap<string, number>): string[] => [
      `# TYPE ${name} counter`,
      ...[...values].map(([labels, value]) => `${name}{${labels}} ${value}`),
    ];
    return [
      ...counters('coredns_dns_requests_total', this.#requests),
      ...counters('coredns_dns_responses_total', this.#responses),
      '# TYPE coredns_dns_request_duration_seconds histogram',
      ...limits.map(
        (limit, index) => `coredns_dns_request_duration_seconds_bucket{le="${limit}"} ${this.#durations[index]}`,
      ),
      `coredns_dns_request_duration_seconds_bucket{le="+Inf"} ${this.#count}`,
      `coredns_dns_request_duration_seconds_sum ${this.#seconds}`,
      `coredns_dns_request_duration_seconds_count ${this.#count}`,
      '# TYPE coredns_cache_hits_total counter',
      `coredns_cache_hits_total ${cache.hits}`,
      '# TYPE coredns_cache_misses_total counter',
      `coredns_cache_misses_total ${cache.misses}`,
      '# TYPE coredns_cache_entries gauge',
      `coredns_cache_entries ${cache.entries}`,
      '',
    ].join('\n');
  }
}

function increment(counts: Map<string, number>, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}
