/** What is counted of who asks, under upstream's names. Source: apiserver's endpoints/filters/metrics.go, token/cache. */
import type { Clock } from '../../base/clock.ts';
import { defaultBounds, exponentialBounds } from '../../base/metrics/distribution.ts';
import type { Distribution } from '../../base/metrics/distribution.ts';
import type { Cell, MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { timed } from '../../base/metrics/timed.ts';
import type { TimedEnd } from '../../base/metrics/timed.ts';
import type { Authenticator, User } from '../ports.ts';

/** What counting takes. */
export interface Counting {
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
}

/** Of durations of authentication and authorization, in seconds. */
export const decisionBounds: readonly number[] = exponentialBounds(0.001, 2, 15);

interface Outcome {
  readonly attempts: Cell;
  readonly durations: Distribution;
}

/** Counts what becomes of the requests that an authenticator sees. */
export function countedAuthenticator(inner: Authenticator, { metrics, clock }: Counting): Authenticator {
  const attempts = metrics.counter({
    name: 'authentication_attempts',
    help: 'Counter of authenticated attempts.',
    labels: ['result'],
  });
  const durations = metrics.histogram(
    {
      name: 'authentication_duration_seconds',
      help: 'Authentication duration in seconds broken out by result.',
      labels: ['result'],
    },
    decisionBounds,
  );
  const outcome = (result: string): Outcome => ({ attempts: attempts.of(result), durations: durations.of(result) });
  const [success, failure, failed] = [outcome('success'), outcome('failure'), outcome('error')];
  const users = userCells(metrics);
  const end = ({ attempts: counter, durations: histogram }: Outcome, seconds: number): void => {
    counter.value++;
    histogram.observe(seconds);
  };
  const ended: TimedEnd<User | undefined> = {
    done(user, seconds) {
      end(user ? success : failure, seconds);
      if (user) users(user.name).value++;
    },
    failed: (seconds) => end(failed, seconds),
  };
  return { authenticate: (credentials) => timed(clock, () => inner.authenticate(credentials), ended) };
}

/** Users without number must not make labels without number. Source: compressUsername. */
function userCells(metrics: MetricRegistry): (name: string) => Cell {
  const requests = metrics.counter({
    name: 'authenticated_user_requests',
    help: 'Counter of authenticated requests broken out by username.',
    labels: ['username'],
  });
  const named = ['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default'];
  const cells = new Map(named.map((name) => [name, requests.of(name)]));
  const [address, other] = [requests.of('email_id'), requests.of('other')];
  return (name) => cells.get(name) ?? (name.includes('@') ? address : other);
}

/** What a cache of tokens counts. */
export interface TokenCacheMetrics {
  hit(): void;
  /** A token that was asked about for as many seconds. */
  missed(seconds: number): void;
  /** Somebody waits for an answer that is on its way for another; the result ends it. */
  waits(): () => void;
  /** A token is asked about; the result ends it. */
  fetches(): (isKnown: boolean) => void;
}

/** Makes the counters of the cache of bearer tokens. */
export function tokenCacheMetrics(metrics: MetricRegistry): TokenCacheMetrics {
  const prefix = 'authentication_token_cache';
  const labels = ['status'];
  const requests = metrics.counter({ name: `${prefix}_request_total`, help: 'Tokens that were shown.', labels });
  const fetched = metrics.counter({ name: `${prefix}_fetch_total`, help: 'Tokens that were asked about.', labels });
  const active = metrics.gauge({
    name: `${prefix}_active_fetch_count`,
    help: 'Requests that wait until it is known whom a token speaks for.',
    labels,
  });
  const durations = metrics.histogram(
    { name: `${prefix}_request_duration_seconds`, help: 'How long it took to know a token.', labels },
    defaultBounds,
  );
  const [hits, misses, quick, slow] = [
    requests.of('hit'),
    requests.of('miss'),
    durations.of('hit'),
    durations.of('miss'),
  ];
  const [blocked, inFlight, ok, wrong] = [
    active.of('blocked'),
    active.of('in_flight'),
    fetched.of('ok'),
    fetched.of('error'),
  ];
  return {
    hit() {
      hits.value++;
      // Whole milliseconds are observed, and a look-up takes none.
      quick.observe(0);
    },
    missed(seconds) {
      misses.value++;
      slow.observe(seconds);
    },
    waits() {
      blocked.value++;
      return () => void blocked.value--;
    },
    fetches() {
      inFlight.value++;
      return (isKnown) => {
        inFlight.value--;
        (isKnown ? ok : wrong).value++;
      };
    },
  };
}

/** Tokens of service accounts that were shown and verified. */
export interface ServiceAccountTokenMetrics {
  /** Those that Secrets hold. */
  readonly legacy: Cell;
  /** Those of TokenRequests that are as old as they should be. */
  readonly valid: Cell;
  /** Those that should have been replaced. */
  readonly stale: Cell;
}

/** Makes the counters of service account tokens. Source: kubernetes' serviceaccount/metrics.go. */
export function serviceAccountTokenMetrics(metrics: MetricRegistry): ServiceAccountTokenMetrics {
  const counter = (kind: string, help: string): Cell =>
    metrics.counter({ name: `serviceaccount_${kind}_tokens_total`, help }).of();
  return {
    legacy: counter('legacy', 'Cumulative legacy service account tokens used'),
    stale: counter('stale', 'Cumulative stale projected service account tokens used'),
    valid: counter('valid', 'Cumulative valid projected service account tokens used'),
  };
}

const [hour, day] = [3600, 86_400];

/** Seconds that certificates shown by clients are still valid. Source: apiserver's request/x509. */
export function certificateExpiration(metrics: MetricRegistry): Distribution {
  return metrics
    .histogram(
      {
        name: 'apiserver_client_certificate_expiration_seconds',
        help: 'Distribution of the remaining lifetime on the certificate used to authenticate a request.',
      },
      [0, hour / 2, hour, 2 * hour, 6 * hour, 12 * hour, ...[1, 2, 4, 7, 30, 90, 180, 360].map((days) => days * day)],
    )
    .of();
}
