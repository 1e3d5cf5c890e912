/** What is counted of who may, under upstream's names. Source: apiserver's endpoints/filters, authorization/metrics. */
import { andThen } from '../../base/and-then.ts';
import { defaultBounds } from '../../base/metrics/distribution.ts';
import type { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { decisionBounds } from '../authentication/authentication-metrics.ts';
import type { Counting } from '../authentication/authentication-metrics.ts';
import type { Authorizer, Decision } from '../ports.ts';
import type { AuthorizerPart } from './authorizer-chain.ts';

type Result = 'allowed' | 'denied' | 'no-opinion' | 'error';

/** Counts what becomes of the requests that an authorizer is asked about. */
export function countedAuthorizer(inner: Authorizer, { metrics, clock }: Counting): Authorizer {
  const attempts = metrics.counter({
    name: 'authorization_attempts_total',
    help: "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
    labels: ['result'],
  });
  const durations = metrics.histogram(
    {
      name: 'authorization_duration_seconds',
      help: 'Authorization duration in seconds broken out by result.',
      labels: ['result'],
    },
    decisionBounds,
  );
  const outcome = (result: Result) => ({ counter: attempts.of(result), histogram: durations.of(result) });
  const outcomes = {
    allowed: outcome('allowed'),
    denied: outcome('denied'),
    'no-opinion': outcome('no-opinion'),
    error: outcome('error'),
  };
  const decided = (decision: Decision, started: number): Decision => {
    const { counter, histogram } = outcomes[resultOf(decision)];
    counter.value++;
    histogram.observe((clock.monotonic() - started) / 1000);
    return decision;
  };
  return {
    authorize(attributes) {
      const started = clock.monotonic();
      return andThen(inner.authorize(attributes), (decision) => decided(decision, started));
    },
  };
}

function resultOf({ allowed, denied, error }: Decision): Result {
  if (allowed) return 'allowed';
  if (error !== undefined) return 'error';
  return denied ? 'denied' : 'no-opinion';
}

/** An authorizer of a configuration. */
export interface NamedAuthorizer {
  readonly type: string;
  readonly name: string;
}

/** Counts what one of several authorizers has decided: that it has no opinion is not counted. */
export function countedDecisions(
  inner: AuthorizerPart,
  { type, name }: NamedAuthorizer,
  metrics: MetricRegistry,
): AuthorizerPart {
  const decisions = metrics.counter({
    name: 'apiserver_authorization_decisions_total',
    help: 'Total number of terminal decisions made by an authorizer split by authorizer type, name, and decision.',
    labels: ['type', 'name', 'decision'],
  });
  const [allowed, denied] = [decisions.of(type, name, 'allowed'), decisions.of(type, name, 'denied')];
  const decided = (decision: Decision): Decision => {
    if (decision.allowed) allowed.value++;
    else if (decision.denied) denied.value++;
    return decision;
  };
  return {
    authorize: (attributes) => andThen(inner.authorize(attributes), decided),
    rulesFor: (user, namespace) => inner.rulesFor(user, namespace),
  };
}

/** What became of a question to a webhook. */
export type WebhookResult = 'success' | 'error' | 'timeout' | 'canceled';

/** What an authorization webhook counts. Source: apiserver's plugin/pkg/authorizer/webhook/metrics, authorization/cel. */
export interface AuthorizationWebhookMetrics {
  asked(result: WebhookResult, seconds: number): void;
  /** It could not be asked, and had no opinion therefore. */
  failedOpen(result: WebhookResult): void;
  /** Its conditions took as many seconds. */
  matched(result: 'holds' | 'excluded' | 'error', seconds: number): void;
}

/** Makes the counters of one webhook. */
export function authorizationWebhookMetrics(metrics: MetricRegistry, name: string): AuthorizationWebhookMetrics {
  const prefix = 'apiserver_authorization';
  const labels = ['name', 'result'];
  const evaluations = metrics.counter({
    name: `${prefix}_webhook_evaluations_total`,
    help: 'Round-trips to authorization webhooks.',
    labels,
  });
  const durations = metrics.histogram(
    { name: `${prefix}_webhook_duration_seconds`, help: 'Request latency in seconds.', labels },
    defaultBounds,
  );
  const failOpen = metrics.counter({
    name: `${prefix}_webhook_evaluations_fail_open_total`,
    help: 'NoOpinion results due to webhook timeout or error.',
    labels,
  });
  const condition = (kind: string, help: string) => ({
    name: `${prefix}_match_condition_${kind}`,
    help,
    labels: ['type', 'name'],
  });
  const errors = metrics.counter(
    condition(
      'evaluation_errors_total',
      'Total number of errors when an authorization webhook encounters a match condition error split by authorizer type and name.',
    ),
  );
  const exclusions = metrics.counter(
    condition(
      'exclusions_total',
      'Total number of exclusions when an authorization webhook is skipped because match conditions exclude it.',
    ),
  );
  const matching = metrics.histogram(
    condition(
      'evaluation_seconds',
      'Authorization match condition evaluation time in seconds, split by authorizer type and name.',
    ),
    [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
  );
  const took = matching.of('Webhook', name);
  return {
    asked(result, seconds) {
      evaluations.of(name, result).value++;
      durations.of(name, result).observe(seconds);
    },
    failedOpen: (result) => void failOpen.of(name, result).value++,
    matched(result, seconds) {
      took.observe(seconds);
      if (result === 'error') errors.of('Webhook', name).value++;
      if (result === 'excluded') exclusions.of('Webhook', name).value++;
    },
  };
}
