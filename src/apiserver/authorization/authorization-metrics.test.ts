import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import type { Decision } from '../ports.ts';
import { pathAttributes } from './attributes.ts';
import { createAuthorizerChain } from './authorizer-chain.ts';
import { authorizationWebhookMetrics, countedAuthorizer, countedDecisions } from './authorization-metrics.ts';
import type { AuthorizerPart } from './authorizer-chain.ts';

const asked = pathAttributes({ name: 'ann', groups: [] }, 'get', '/healthz');
const answering = (decision: Decision | Promise<Decision>): AuthorizerPart => ({
  authorize: () => decision,
  rulesFor: () => ({ rules: [], incomplete: false, errors: [] }),
});

test.each<[string, Decision]>([
  ['allowed', { allowed: true, reason: '', error: 'of another' }],
  ['denied', { allowed: false, denied: true, reason: 'no' }],
  ['no-opinion', { allowed: false, reason: '' }],
  ['error', { allowed: false, reason: '', error: 'the webhook is gone' }],
])('a decision counts as %s, at once and when it is waited for', async (result, decision) => {
  const counting = { metrics: new MetricRegistry(), clock: new FakeClock() };
  await countedAuthorizer(answering(decision), counting).authorize(asked);
  const late = countedAuthorizer(answering(Promise.resolve(decision)), counting).authorize(asked);
  expect(await late).toBe(decision);
  const text = counting.metrics.render();
  expect(text).toContain(`authorization_attempts_total{result="${result}"} 2\n`);
  expect(text.match(/authorization_attempts_total\{.*\} [1-9]/g)).toHaveLength(1);
  expect(text).toContain(`authorization_duration_seconds_count{result="${result}"} 2\n`);
});

test('who of several has decided is counted; who had no opinion is not', async () => {
  const metrics = new MetricRegistry();
  const part = (name: string, decision: Decision): AuthorizerPart =>
    countedDecisions(answering(decision), { type: 'Webhook', name }, metrics);
  const silent = part('silent', { allowed: false, reason: 'hm' });
  await createAuthorizerChain([silent, part('kind', { allowed: true, reason: '' })]).authorize(asked);
  await createAuthorizerChain([silent, part('stern', { allowed: false, denied: true, reason: '' })]).authorize(asked);
  expect(metrics.render().match(/^\w+\{.*\} [1-9]$/gm)).toEqual([
    'apiserver_authorization_decisions_total{type="Webhook",name="kind",decision="allowed"} 1',
    'apiserver_authorization_decisions_total{type="Webhook",name="stern",decision="denied"} 1',
  ]);
});

test('a webhook is counted under its name', () => {
  const metrics = new MetricRegistry();
  const hook = authorizationWebhookMetrics(metrics, 'hook');
  hook.asked('success', 0.1);
  hook.asked('timeout', 3);
  hook.failedOpen('timeout');
  for (const result of ['holds', 'excluded', 'error'] as const) hook.matched(result, 0);
  expect(metrics.render().match(/^\w+(?<!_bucket|_sum)\{.*\} [1-9]$/gm)).toEqual([
    'apiserver_authorization_webhook_evaluations_total{name="hook",result="success"} 1',
    'apiserver_authorization_webhook_evaluations_total{name="hook",result="timeout"} 1',
    'apiserver_authorization_webhook_duration_seconds_count{name="hook",result="success"} 1',
    'apiserver_authorization_webhook_duration_seconds_count{name="hook",result="timeout"} 1',
    'apiserver_authorization_webhook_evaluations_fail_open_total{name="hook",result="timeout"} 1',
    'apiserver_authorization_match_condition_evaluation_errors_total{type="Webhook",name="hook"} 1',
    'apiserver_authorization_match_condition_exclusions_total{type="Webhook",name="hook"} 1',
    'apiserver_authorization_match_condition_evaluation_seconds_count{type="Webhook",name="hook"} 3',
  ]);
});
