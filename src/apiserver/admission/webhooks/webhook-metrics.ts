/** What is counted of admission webhooks, under upstream's names. Source: apiserver's admission/metrics. */
import type { Clock } from '../../../base/clock.ts';
import type { MetricRegistry } from '../../../base/metrics/metric-registry.ts';

/** A question to a webhook. */
export interface AskedWebhook {
  readonly name: string;
  readonly operation: string;
}

/** How a question to a webhook ended. */
export interface WebhookOutcome {
  /** The HTTP status that its answer stands for; 0 where there is none. */
  readonly code: number;
  /** Undefined: it allowed the request, or was not needed. */
  readonly rejectedBecause?: 'calling_webhook_error' | 'apiserver_internal_error' | 'no_error' | undefined;
}

const prefix = 'apiserver_admission';
/** Webhooks may answer any number: those beyond are one. */
const highestCode = 600;

/** The counters of the webhooks of one plug-in. */
export class WebhookMetrics {
  readonly clock: Clock;
  readonly #type: 'admit' | 'validating';
  readonly #families: ReturnType<typeof families>;

  constructor(metrics: MetricRegistry, clock: Clock, type: 'admit' | 'validating') {
    this.clock = clock;
    this.#type = type;
    this.#families = families(metrics);
  }

  /** One was asked, and its answer took as many seconds. */
  asked({ name, operation }: AskedWebhook, { code: answered, rejectedBecause }: WebhookOutcome, seconds: number): void {
    const { requests, durations, rejections } = this.#families;
    const code = String(Math.min(answered, highestCode));
    const rejected = String(rejectedBecause !== undefined);
    requests.of(name, this.#type, operation, code, rejected).value++;
    durations.of(name, this.#type, operation, rejected).observe(seconds);
    if (rejectedBecause !== undefined) rejections.of(name, this.#type, operation, rejectedBecause, code).value++;
  }

  /** One could not be asked, and was not needed. */
  failedOpen(name: string): void {
    this.#families.failOpen.of(name, this.#type).value++;
  }

  /** Its conditions were looked at, for as many seconds. */
  matched({ name, operation }: AskedWebhook, result: 'holds' | 'excluded' | 'error', seconds: number): void {
    const { conditionSeconds, conditionErrors, exclusions } = this.#families;
    const labels = [name, 'webhook', this.#type, operation] as const;
    conditionSeconds.of(...labels).observe(seconds);
    if (result === 'error') conditionErrors.of(...labels).value++;
    if (result === 'excluded') exclusions.of(...labels).value++;
  }
}

function families(metrics: MetricRegistry) {
  const condition = (kind: string, help: string) => ({
    name: `${prefix}_match_condition_${kind}`,
    help,
    labels: ['name', 'kind', 'type', 'operation'],
  });
  return {
    requests: metrics.counter({
      name: `${prefix}_webhook_request_total`,
      help: 'Admission webhook request total, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
      labels: ['name', 'type', 'operation', 'code', 'rejected'],
    }),
    durations: metrics.histogram(
      {
        name: `${prefix}_webhook_admission_duration_seconds`,
        help: 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
        labels: ['name', 'type', 'operation', 'rejected'],
      },
      [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
    ),
    rejections: metrics.counter({
      name: `${prefix}_webhook_rejection_count`,
      help: 'Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and a rejection code if the webhook rejects the request with an HTTP status code.',
      labels: ['name', 'type', 'operation', 'error_type', 'rejection_code'],
    }),
    failOpen: metrics.counter({
      name: `${prefix}_webhook_fail_open_count`,
      help: 'Admission webhook fail open count, identified by name and broken out for each admission type (validating or admit).',
      labels: ['name', 'type'],
    }),
    conditionErrors: metrics.counter(
      condition('evaluation_errors_total', 'Admission match condition evaluation errors count.'),
    ),
    exclusions: metrics.counter(
      condition('exclusions_total', 'Admission match condition evaluation exclusions count.'),
    ),
    conditionSeconds: metrics.histogram(
      condition('evaluation_seconds', 'Admission match condition evaluation time in seconds.'),
      [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
    ),
  };
}
