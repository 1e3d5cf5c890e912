import { expect, test } from 'vitest';
import { StatusError } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import type { User } from '../ports.ts';
import { countedAuthenticator, tokenCacheMetrics } from './authentication-metrics.ts';
import { TokenCache } from './token-cache.ts';
import type { VerifiedToken } from './token-authenticator.ts';

const user = (name: string): User => ({ name, groups: [] });
/** The samples that are not 0, without the buckets. */
function samples(metrics: MetricRegistry): readonly string[] {
  return metrics
    .render()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket') && !line.endsWith(' 0'));
}

test('who asks is counted by what came of it, users without number as one', async () => {
  const [clock, metrics] = [new FakeClock(), new MetricRegistry()];
  const answers = [
    () => user('admin'),
    () => user('ann@example.com'),
    () => user('system:node:a'),
    async () => {
      await clock.advance(3);
      return user('zoe"} 1');
    },
    () => undefined,
    () => {
      throw new StatusError('Unauthorized', 'Unauthorized');
    },
    () => Promise.reject(new StatusError('Unauthorized', 'Unauthorized')),
  ];
  const counted = countedAuthenticator({ authenticate: () => answers.shift()!() }, { metrics, clock });
  const outcomes: unknown[] = [];
  while (answers.length > 0) {
    const asked = (async () => counted.authenticate({ headers: {} }))();
    outcomes.push(
      await asked.then(
        (found) => found?.name,
        (error: unknown) => (error as StatusError).reason,
      ),
    );
  }
  expect(outcomes).toEqual([
    ...['admin', 'ann@example.com', 'system:node:a', 'zoe"} 1'],
    ...[undefined, 'Unauthorized', 'Unauthorized'],
  ]);
  expect(samples(metrics)).toEqual([
    'authentication_attempts{result="success"} 4',
    'authentication_attempts{result="failure"} 1',
    'authentication_attempts{result="error"} 2',
    'authentication_duration_seconds_sum{result="success"} 0.003',
    'authentication_duration_seconds_count{result="success"} 4',
    'authentication_duration_seconds_count{result="failure"} 1',
    'authentication_duration_seconds_count{result="error"} 2',
    'authenticated_user_requests{username="admin"} 1',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="other"} 2',
  ]);
  expect(metrics.render()).toContain('authentication_duration_seconds_bucket{result="success",le="0.004"} 4\n');
  expect(metrics.render()).toContain('authentication_duration_seconds_bucket{result="success",le="0.002"} 3\n');
});

test('a token is asked about once, and counted as known, unknown, remembered or waited for', async () => {
  const [clock, metrics] = [new FakeClock(), new MetricRegistry()];
  const release = Promise.withResolvers<void>();
  const cache = new TokenCache<VerifiedToken | undefined>({
    clock,
    ttl: 10_000,
    metrics: tokenCacheMetrics(metrics),
    async verify(token) {
      await release.promise;
      if (token === 'bad') throw new Error('bad');
      return { user: user('ann'), audiences: [] };
    },
  });
  const asked = [cache.verify('good', []), cache.verify('good', []), cache.verify('bad', [])];
  expect(samples(metrics)).toEqual([
    'authentication_token_cache_active_fetch_count{status="blocked"} 1',
    'authentication_token_cache_active_fetch_count{status="in_flight"} 2',
  ]);
  release.resolve();
  await Promise.allSettled(asked.map(async (answer) => answer));
  await cache.verify('good', []);
  expect(samples(metrics).filter((line) => !line.includes('seconds'))).toEqual([
    'authentication_token_cache_request_total{status="hit"} 1',
    'authentication_token_cache_request_total{status="miss"} 3',
    'authentication_token_cache_fetch_total{status="ok"} 1',
    'authentication_token_cache_fetch_total{status="error"} 1',
  ]);
});
