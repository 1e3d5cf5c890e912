import { expect, test } from 'vitest';
import { FakeClock } from '../../../base/fake-clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import { seededRandom } from '../../../base/random.ts';
import type { Decision, RequestAttributes, User } from '../../ports.ts';
import { pathAttributes, resourceAttributes } from '../attributes.ts';
import { createAuthorizerChain } from '../authorizer-chain.ts';
import { alwaysAllow } from '../fixed-authorizers.ts';
import { compileAccessCondition } from './match-conditions.ts';
import { createWebhookAuthorizer } from './webhook-authorizer.ts';
import type { WebhookAuthorizerOptions } from './webhook-authorizer.ts';

const ann: User = { name: 'ann', uid: 'u1', groups: ['devs'], extra: { scope: ['a'] } };
const getPod = resourceAttributes(ann, { verb: 'get', version: 'v1', resource: 'pods', namespace: 'web', name: 'p' });

interface Hook {
  readonly clock: FakeClock;
  readonly asked: unknown[];
  ask(attributes?: RequestAttributes): Decision | Promise<Decision>;
}

/** A webhook that gives these answers in turn, the last one ever after. */
function hook(answers: readonly (object | Error)[], options: Partial<WebhookAuthorizerOptions> = {}): Hook {
  const clock = new FakeClock();
  const asked: unknown[] = [];
  const authorizer = createWebhookAuthorizer({
    ...{ name: 'hook', version: 'v1', authorizedTtl: 300_000, unauthorizedTtl: 30_000, timeout: 3000 },
    ...{ failurePolicy: 'NoOpinion', conditions: [], clock, random: seededRandom(), log: silentLogger },
    signal: new AbortController().signal,
    async send(body) {
      asked.push(JSON.parse(body));
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer instanceof Error) throw answer;
      return JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', status: answer });
    },
    ...options,
  });
  return { clock, asked, ask: (attributes = getPod) => authorizer.authorize(attributes) };
}

test('it is asked with all that is known of the request', async () => {
  const { ask, asked } = hook([{ allowed: true, reason: 'friend' }]);
  const listing = resourceAttributes(ann, {
    ...{ verb: 'list', group: 'apps', version: 'v1', resource: 'deployments', namespace: 'web' },
    ...{ fieldSelector: 'metadata.name=x,a!=b', labelSelector: 'app in (a,b),!c,d' },
  });
  expect(await ask(listing)).toEqual({ allowed: true, reason: 'friend' });
  const subject = { user: 'ann', uid: 'u1', groups: ['devs'], extra: { scope: ['a'] } };
  expect(asked[0]).toEqual({
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {
      ...subject,
      resourceAttributes: {
        ...{ namespace: 'web', verb: 'list', group: 'apps', version: 'v1', resource: 'deployments' },
        fieldSelector: {
          requirements: [
            { key: 'metadata.name', operator: 'In', values: ['x'] },
            { key: 'a', operator: 'NotIn', values: ['b'] },
          ],
        },
        labelSelector: {
          requirements: [
            { key: 'app', operator: 'In', values: ['a', 'b'] },
            { key: 'c', operator: 'DoesNotExist' },
            { key: 'd', operator: 'Exists' },
          ],
        },
      },
    },
  });
  await ask(pathAttributes(ann, 'get', '/metrics'));
  expect(asked[1]).toMatchObject({ spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } } });
});

test('the old version names groups in the singular', async () => {
  const { ask, asked } = hook([{ allowed: false }], { version: 'v1beta1' });
  await ask();
  expect(asked[0]).toMatchObject({ apiVersion: 'authorization.k8s.io/v1beta1', spec: { group: ['devs'] } });
});

test.each<[object, Decision]>([
  [{ allowed: true }, { allowed: true, reason: '' }],
  [
    { allowed: false, reason: 'no' },
    { allowed: false, reason: 'no' },
  ],
  [
    { allowed: false, denied: true, reason: 'never' },
    { allowed: false, denied: true, reason: 'never' },
  ],
  [
    { allowed: true, denied: true },
    {
      ...{ allowed: false, denied: true, reason: '' },
      error: 'webhook subject access review returned both allow and deny response',
    },
  ],
])('the answer %o', async (answer, decision) => {
  expect(await hook([answer]).ask()).toEqual(decision);
});

test('answers hold for their time, and are there without waiting', async () => {
  const { ask, asked, clock } = hook([{ allowed: true }, { allowed: false }]);
  await Promise.all([ask(), ask()]);
  expect(ask()).toEqual({ allowed: true, reason: '' });
  expect(asked).toHaveLength(1);
  await clock.advance(300_000);
  expect(await ask()).toEqual({ allowed: false, reason: '' });
  await clock.advance(29_999);
  expect(ask()).toEqual({ allowed: false, reason: '' });
  await clock.advance(1);
  await ask();
  expect(asked).toHaveLength(3);
});

test('answers to questions that anybody can make long are not remembered', async () => {
  const { ask, asked } = hook([{ allowed: true }]);
  const long = resourceAttributes(ann, { verb: 'get', resource: 'pods', name: 'x'.repeat(10_000) });
  await ask(long);
  await ask(long);
  expect(asked).toHaveLength(2);
});

const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

test('a broken connection is tried again, a refusal is not', async () => {
  const { ask, asked, clock } = hook([reset, reset, { allowed: true }]);
  const deciding = ask();
  for (let round = 0; round < 4; round++) await clock.advance(1000);
  expect(await deciding).toMatchObject({ allowed: true });
  expect(asked).toHaveLength(3);
  const refused = hook([new Error('certificate has expired')]);
  expect(await refused.ask()).toEqual({ allowed: false, denied: false, reason: '', error: 'certificate has expired' });
  expect(refused.asked).toHaveLength(1);
});

test('what it counts as when it fails is said by the failure policy', async () => {
  const failing = { failurePolicy: 'Deny' } as const;
  expect(await hook([new Error('gone')], failing).ask()).toMatchObject({ allowed: false, denied: true, error: 'gone' });
  expect(await hook([{ allowed: 'yes' }], failing).ask()).toMatchObject({ allowed: false, denied: true });
});

test('one that does not answer in time has failed', async () => {
  const { ask, clock } = hook([], {
    send: (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  const deciding = ask();
  await clock.advance(3000);
  expect(await deciding).toMatchObject({ allowed: false, error: 'context deadline exceeded' });
});

test('it is asked about what meets its conditions only', async () => {
  const conditions = [
    "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'web'",
    "!('system:masters' in request.groups)",
  ].map(compileAccessCondition);
  const { ask, asked } = hook([{ allowed: true }], { conditions });
  expect(ask(pathAttributes(ann, 'get', '/metrics'))).toEqual({ allowed: false, reason: '' });
  expect(ask(resourceAttributes(ann, { verb: 'get', resource: 'pods' }))).toEqual({ allowed: false, reason: '' });
  expect(asked).toHaveLength(0);
  expect(await ask()).toMatchObject({ allowed: true });
});

test('a condition that fails counts as the webhook', async () => {
  const conditions = [compileAccessCondition("request.extra['missing'][0] == 'x'")];
  const error =
    "cel evaluation error: expression 'request.extra['missing'][0] == 'x'' resulted in error: no such key: missing";
  expect(hook([], { conditions }).ask()).toEqual({ allowed: false, denied: false, reason: '', error });
  expect(hook([], { conditions, failurePolicy: 'Deny' }).ask()).toMatchObject({ denied: true, error });
  const excluded = [...conditions, compileAccessCondition("request.user == 'bob'")];
  expect(hook([], { conditions: excluded, failurePolicy: 'Deny' }).ask()).toEqual({ allowed: false, reason: '' });
});

test('in a chain those behind it wait for it, and are asked unless it decides', async () => {
  const chained = (answer: object | Error) => {
    const { ask } = hook([answer]);
    const none = { rules: [], incomplete: true, errors: [] };
    return createAuthorizerChain([{ authorize: ask, rulesFor: () => none }, alwaysAllow]).authorize(getPod);
  };
  expect(await chained({ allowed: false, reason: 'perhaps' })).toEqual({ allowed: true, reason: '' });
  expect(await chained({ denied: true, reason: 'never' })).toMatchObject({ allowed: false, denied: true });
  expect(await chained(new Error('gone'))).toEqual({ allowed: true, reason: '' });
});
