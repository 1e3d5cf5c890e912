import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { systemClock } from '../../base/system-clock.ts';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';
import { createKubeconfigWebhook } from '../webhooks/kubeconfig-webhook.ts';
import { createTokenVerifier } from './token-authenticator.ts';
import { createWebhookTokens } from './webhook-tokens.ts';
import type { TokenWebhookSettings } from './webhook-tokens.ts';

type Status = Readonly<Record<string, unknown>>;
const ann = { username: 'ann', uid: '7', groups: ['devs'], extra: { 'acme.io/a': ['b'] } };

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
}

/** A webhook that answers in turn; the last answer stays. */
function setUp(answers: readonly (Status | Error | string)[], more: Partial<TokenWebhookSettings> = {}) {
  const clock = new FakeClock();
  const heard: Review[] = [];
  const call = async (body: string): Promise<string> => {
    const review = JSON.parse(body) as Review;
    const answer = answers[Math.min(heard.length, answers.length - 1)]!;
    heard.push(review);
    if (answer instanceof Error) throw answer;
    return typeof answer === 'string' ? answer : JSON.stringify({ ...review, status: answer });
  };
  const context = {
    ...{ clock, random: seededRandom(), log: silentLogger },
    signal: new AbortController().signal,
    audiences: ['api'],
  };
  const source = createWebhookTokens({ call, version: 'v1', cacheTtl: 120_000, ...more }, context);
  return { clock, heard, verify: async (token: string, asked = ['api']) => source.verify(token, asked) };
}

test('a webhook says whose a token is', async () => {
  const { verify, heard } = setUp([{ authenticated: true, user: ann }]);
  expect(await verify('sesame')).toEqual({
    user: { name: 'ann', uid: '7', groups: ['devs'], extra: { 'acme.io/a': ['b'] } },
    audiences: ['api'],
  });
  expect(heard).toMatchObject([
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'sesame', audiences: ['api'] } },
  ]);
});

test('reviews are of the version that the webhook takes', async () => {
  const { verify, heard } = setUp([{ authenticated: true, user: ann }], { version: 'v1beta1' });
  expect(await verify('sesame')).toMatchObject({ user: { name: 'ann' } });
  expect(heard[0]?.apiVersion).toBe('authentication.k8s.io/v1beta1');
});

const outcomes: Readonly<
  Record<string, readonly [answer: Status | string, outcome: object | string | undefined, asked?: string[]]>
> = {
  'not known': [{ authenticated: false }, undefined],
  'refused with a reason': [{ authenticated: false, error: 'it was revoked' }, 'it was revoked'],
  'for an audience that was asked for': [
    { authenticated: true, user: ann, audiences: ['vault', 'x'] },
    { audiences: ['vault'] },
    ['vault', 'api'],
  ],
  'for another audience': [{ authenticated: true, user: ann, audiences: ['vault'] }, undefined],
  'for no audience, where another than the server is asked for': [
    { authenticated: true, user: ann },
    undefined,
    ['vault'],
  ],
  'of nobody': [{ authenticated: true, user: {} }, 'the webhook authenticated a token without saying whose it is'],
  'groups that are none': [{ authenticated: true, user: { username: 'a', groups: 'devs' } }, 'cannot unmarshal string'],
  'no JSON': ['<html>', 'something else than a TokenReview of authentication.k8s.io/v1'],
  'another kind': [
    '{"kind":"Status","apiVersion":"v1"}',
    'something else than a TokenReview of authentication.k8s.io/v1',
  ],
  'another version': [
    '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1beta1","status":{"authenticated":true,"user":{"username":"a"}}}',
    'something else than a TokenReview of authentication.k8s.io/v1',
  ],
};

test.each(Object.entries(outcomes))('an answer: %s', async (_, [answer, outcome, asked]) => {
  const { verify } = setUp([answer]);
  if (typeof outcome === 'string') await expect(verify('sesame', asked)).rejects.toThrow(outcome);
  else if (outcome) expect(await verify('sesame', asked)).toMatchObject(outcome);
  else expect(await verify('sesame', asked)).toBeUndefined();
});

test('a webhook that repeats the token does not make it known', async () => {
  const repeating = ['{"kind":"sesame"', { authenticated: false, error: 'sesame is wrong' }, new Error('about sesame')];
  for (const answer of repeating) {
    const failure = await setUp([answer])
      .verify('sesame')
      .catch((error: unknown) => String(error));
    expect(failure).toMatch(/^Error: /);
    expect(failure).not.toContain('sesame');
  }
});

test('answers are believed for a while, also that a token is not known; errors are not', async () => {
  const { verify, heard, clock } = setUp([{ authenticated: true, user: ann }]);
  await Promise.all([verify('sesame'), verify('sesame')]);
  await verify('sesame');
  expect(heard).toHaveLength(1);
  await verify('other');
  await verify('sesame', ['api', 'x']);
  expect(heard).toHaveLength(3);
  await clock.advance(120_000);
  await verify('sesame');
  expect(heard).toHaveLength(4);
  const unknown = setUp([{ authenticated: false }]);
  await unknown.verify('sesame');
  await unknown.verify('sesame');
  expect(unknown.heard).toHaveLength(1);
  const failing = setUp([{ error: 'broken' }]);
  await expect(failing.verify('sesame')).rejects.toThrow('broken');
  await expect(failing.verify('sesame')).rejects.toThrow('broken');
  expect(failing.heard).toHaveLength(2);
  const forgetful = setUp([{ authenticated: true, user: ann }], { cacheTtl: 0 });
  await forgetful.verify('sesame');
  await forgetful.verify('sesame');
  expect(forgetful.heard).toHaveLength(2);
});

test('connections that break are tried again, refusals are not', async () => {
  const reset = new Error('Post "https://x/": socket hang up', {
    cause: Object.assign(new Error(), { code: 'ECONNRESET' }),
  });
  const { verify, heard, clock } = setUp([reset, reset, { authenticated: true, user: ann }]);
  const asking = verify('sesame');
  await clock.advance(600);
  await clock.advance(900);
  expect(await asking).toMatchObject({ user: { name: 'ann' } });
  expect(heard).toHaveLength(3);
  const refused = setUp([new Error('connect ECONNREFUSED')]);
  await expect(refused.verify('sesame')).rejects.toThrow('ECONNREFUSED');
  expect(refused.heard).toHaveLength(1);
});

test('a real webhook over TLS: its own authority, no redirects, bounded answers', async () => {
  const authority = await testAuthority();
  const answers: Readonly<Record<string, (token: string) => readonly [number, string]>> = {
    good: () => [200, JSON.stringify({ authenticated: true, user: ann })],
    moved: () => [302, '{}'],
    denied: () => [403, '{}'],
    long: () => [200, JSON.stringify({ error: 'x'.repeat(4 * 1024 * 1024) })],
  };
  const paths: string[] = [];
  const server = createServer(await authority.server(), (request, response) => {
    paths.push(request.url ?? '');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const review = JSON.parse(body) as Review;
      const [status, answer] = answers[review.spec.token]!(review.spec.token);
      response.writeHead(status, { location: '/elsewhere' });
      response.end(JSON.stringify({ ...review, status: JSON.parse(answer) as unknown }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/reviews`;
  const verifier = (ca: string) => {
    const call = createKubeconfigWebhook({ servers: [url], ca });
    const context = {
      ...{ clock: systemClock, random: seededRandom(), log: silentLogger },
      ...{ signal: new AbortController().signal, audiences: ['api'] },
    };
    return createTokenVerifier([createWebhookTokens({ call, version: 'v1', cacheTtl: 0 }, context)], systemClock);
  };
  try {
    const { verify } = { verify: async (token: string, ca = authority.cert) => verifier(ca).verify(token, ['api']) };
    expect(await verify('good')).toMatchObject({ user: { name: 'ann' } });
    for (const token of ['moved', 'denied', 'long']) {
      await expect(verify(token), token).rejects.toMatchObject({ reason: 'Unauthorized' });
    }
    await expect(verify('good', (await testAuthority()).cert)).rejects.toMatchObject({ reason: 'Unauthorized' });
    expect(new Set(paths)).toEqual(new Set(['/reviews']));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
