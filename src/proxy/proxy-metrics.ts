/** One transaction that the kernel took. */
export interface AppliedSync {
  readonly milliseconds: number;
  readonly full: boolean;
}

/** What the proxy counts, under upstream's names. */
export class ProxyMetrics {
  #count = 0;
  #failures = 0;
  #seconds = 0;
  #fullCount = 0;
  #lastApplied: number | undefined;
  readonly #buckets = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048];
  readonly #perBucket = this.#buckets.map(() => 0);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a transaction. */
  applied(sync: AppliedSync): void {
    this.#count++;
    if (sync.full) this.#fullCount++;
    const seconds = sync.milliseconds / 1000;
    this.#seconds += seconds;
    this.#lastApplied = this.#now();
    this.#buckets.forEach(
      (limit, index) => seconds <= limit && (this.#perBucket[index] = (this.#perBucket[index] ?? 0) + 1),
    );
  }

  /** Counts a transaction that the kernel refused. */
  failed(): void {
    this.#failures++;
  }

  /** When rules were last applied, in wall-clock milliseconds. */
  get lastApplied(): number | undefined {
    return this.#lastApplied;
  }

  /** The Prometheus text format. */
  render(): string {
    const name = 'kubeproxy_sync_proxy_rules';
    const bucket = (limit: number | '+Inf', count: number): string =>
      `${name}_duration_seconds_bucket{le="${limit}"} ${count}`;
    return [
      `# HELP ${name}_duration_seconds SyncProxyRules latency in seconds`,
      `# TYPE ${name}_duration_seconds histogram`,
      ...this.#buckets.map((limit, index) => bucket(limit, this.#perBucket[index] ?? 0)),
      bucket('+Inf', this.#count),
      `${name}_duration_seconds_sum ${this.#seconds}`,
      `${name}_duration_seconds_count ${this.#count}`,
      `# HELP ${name}_full_total Transactions that made the whole table`,
      `# TYPE ${name}_full_total counter`,
      `${name}_full_total ${this.#fullCount}`,
      `# HELP ${name}_nftables_sync_failures_total Transactions that the kernel refused`,
      `# TYPE ${name}_nftables_sync_failures_total counter`,
      `${name}_nftables_sync_failures_total ${this.#failures}`,
      `# HELP ${name}_last_timestamp_seconds The last time proxy rules were successfully synced`,
      `# TYPE ${name}_last_timestamp_seconds gauge`,
      `${name}_last_timestamp_seconds ${(this.#lastApplied ?? 0) / 1000}`,
      '',
    ].join('\n');
  }
}
