import { expect, test } from 'vitest';
import { createMaxInFlight } from './max-in-flight.ts';
import { testExchange } from './testing/arrived-request.ts';
import type { TestExchange, TestRequest } from './testing/arrived-request.ts';

const ann = { name: 'ann', groups: ['system:authenticated'] };
const admin = { name: 'admin', groups: ['system:masters'] };

function limited(readOnly: number, mutating: number) {
  const flowControl = createMaxInFlight({ readOnly, mutating });
  const ends: (() => void)[] = [];
  return {
    ends,
    flowControl,
    ask(asked: TestRequest, user = ann): TestExchange {
      const exchange = testExchange(asked);
      void flowControl.serve(exchange.request, user, () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        ends.push(resolve);
        return promise;
      });
      return exchange;
    },
  };
}

test('requests beyond the limit are refused, those that read and those that write each by their own', async () => {
  const { ask, ends } = limited(2, 1);
  const [first, second, third] = [ask({}), ask({ verb: 'list' }), ask({})];
  expect([first.answer, second.answer]).toEqual([undefined, undefined]);
  expect(third.answer).toEqual({
    status: 429,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'retry-after': '1' },
    body: 'Too many requests, please try again later.\n',
  });
  expect([ask({ verb: 'patch' }).answer, ask({ verb: 'create' }).answer?.status]).toEqual([undefined, 429]);
  ends[0]!();
  await expect.poll(() => ask({}).answer?.status).toBeUndefined();
});

test('administrators, watches and connections are not limited', () => {
  const { ask } = limited(1, 1);
  ask({});
  ask({ verb: 'update' });
  expect(ask({}, admin).answer).toBeUndefined();
  expect(ask({ verb: 'update' }, admin).answer).toBeUndefined();
  for (const asked of [{ verb: 'watch' }, { verb: 'connect', subresource: 'exec' }, { subresource: 'log' }])
    expect(ask(asked).answer).toBeUndefined();
});

test('zero is no limit', () => {
  const { ask } = limited(1, 0);
  for (let index = 0; index < 100; index++) expect(ask({ verb: 'create' }).answer).toBeUndefined();
});

test('an answer that fails at once does not count any longer', () => {
  const { flowControl, ask } = limited(1, 1);
  const failing = (): void => {
    throw new Error('no');
  };
  expect(() => flowControl.serve(testExchange().request, ann, failing)).toThrow('no');
  expect(ask({}).answer).toBeUndefined();
});
