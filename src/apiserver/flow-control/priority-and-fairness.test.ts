import { describe, expect, test } from 'vitest';
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../api/flowcontrol/bootstrap-objects.ts';
import type { FlowSchemaSpec } from '../../api/flowcontrol/flow-schema.ts';
import type { PriorityLevelConfigurationSpec } from '../../api/flowcontrol/priority-level-configuration.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { createFlowControlDocuments } from './debug-documents.ts';
import { PriorityAndFairness } from './priority-and-fairness.ts';
import { testExchange } from './testing/arrived-request.ts';
import type { TestExchange, TestRequest } from './testing/arrived-request.ts';

const ann = { name: 'ann', groups: ['system:authenticated'] };
const bob = { name: 'bob', groups: ['system:authenticated'] };
const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

const objects = <S>(specs: Readonly<Record<string, S>>): { metadata: { name: string; uid: string }; spec: S }[] =>
  Object.entries(specs).map(([name, spec]) => ({ metadata: { name, uid: `uid-of-${name}` }, spec }));

/** Flow control whose event loop turns when it is told to. */
class Server {
  readonly clock = new FakeClock();
  readonly flowControl: PriorityAndFairness;
  /** Who was answered, in order. */
  readonly served: string[] = [];
  #afterTurn: (() => void)[] = [];

  constructor({
    seats = 600,
    levels = {},
  }: { seats?: number; levels?: Record<string, PriorityLevelConfigurationSpec> } = {}) {
    const { clock } = this;
    const afterTurn = (callback: () => void): void => void this.#afterTurn.push(callback);
    this.flowControl = new PriorityAndFairness({ clock, seats, findCache: () => undefined, afterTurn });
    this.flowControl.configure(
      objects({ ...mandatoryPriorityLevels, ...suggestedPriorityLevels, ...levels }),
      objects<FlowSchemaSpec>({ ...mandatoryFlowSchemas, ...suggestedFlowSchemas }),
    );
  }

  /** A request that is answered at once. */
  ask(
    user: { name: string; groups: readonly string[] },
    asked: TestRequest = {},
  ): TestExchange & { over: Promise<void> | void } {
    const exchange = testExchange(asked);
    const over = this.flowControl.serve(exchange.request, user, () => void this.served.push(user.name));
    return Object.assign(exchange, { over });
  }

  /** A request that is answered when the test says so. */
  askForLong(user: { name: string; groups: readonly string[] }, asked: TestRequest = {}) {
    const exchange = testExchange(asked);
    const answered = Promise.withResolvers<void>();
    const over = this.flowControl.serve(exchange.request, user, () => {
      this.served.push(user.name);
      return answered.promise;
    });
    return Object.assign(exchange, { over, end: answered.resolve, fail: answered.reject });
  }

  async turn(): Promise<void> {
    for (const callback of this.#afterTurn.splice(0)) callback();
    await new Promise((resolve) => setImmediate(resolve));
  }

  metric(name: string, labels: string): number {
    const line = this.flowControl
      .render()
      .split('\n')
      .find((text) => text.startsWith(`apiserver_flowcontrol_${name}{${labels}}`));
    return Number(line?.split(' ').at(-1));
  }
}

const small = (queueLengthLimit: number): PriorityLevelConfigurationSpec => ({
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: 20,
    lendablePercent: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Queue', queuing: { queues: 128, handSize: 6, queueLengthLimit } },
  },
});
/** Five seats for people. */
const tight = { seats: 60, levels: { 'global-default': small(1) } };

describe('without contention', () => {
  test('a request is answered at once, and told of its schema and level by their UIDs', () => {
    const server = new Server();
    const { over, standing } = server.ask(ann);
    expect(over).toBeUndefined();
    expect(server.served).toEqual(['ann']);
    expect(standing).toEqual({
      'audit-id': 'x',
      'x-kubernetes-pf-flowschema-uid': 'uid-of-global-default',
      'x-kubernetes-pf-prioritylevel-uid': 'uid-of-global-default',
    });
    expect(
      server.metric('dispatched_requests_total', 'flow_schema="global-default",priority_level="global-default"'),
    ).toBe(1);
  });

  test('an answer that fails at once or later fails for whoever asked, and leaves its seat', async () => {
    const server = new Server();
    const { request } = testExchange();
    expect(() =>
      server.flowControl.serve(request, ann, () => {
        throw new Error('at once');
      }),
    ).toThrow('at once');
    const { over, fail } = server.askForLong(ann);
    fail(new Error('later'));
    await expect(over).rejects.toThrow('later');
    expect(server.flowControl.levels.get('global-default')!.queues.seatsInUse).toBe(0);
  });

  test("connections and logs are nobody else's business", () => {
    const server = new Server(tight);
    for (const subresource of ['exec', 'attach', 'portforward', 'proxy', 'log']) {
      const { standing } = server.ask(ann, { subresource, verb: 'connect' });
      expect(standing).toEqual({ 'audit-id': 'x' });
    }
    expect(server.served.length).toBe(5);
    expect(server.flowControl.levels.get('global-default')!.queues.counts.dispatched).toBe(0);
  });

  test('a watch has its seat until it has begun', async () => {
    const server = new Server(tight);
    const { end, over } = server.askForLong(ann, { verb: 'watch', name: '' });
    const { queues } = server.flowControl.levels.get('global-default')!;
    expect(queues.seatsInUse).toBe(1);
    end();
    await over;
    expect(queues.seatsInUse).toBe(0);
  });

  test('a large answer has its seat until it was sent, or its client had time enough', async () => {
    const server = new Server(tight);
    const { queues } = server.flowControl.levels.get('global-default')!;
    const ask = (): TestExchange => {
      const exchange = testExchange();
      void server.flowControl.serve(exchange.request, ann, () => void (exchange.unsent = 256 * 1024));
      return exchange;
    };
    const [quick] = [ask(), ask()];
    expect(queues.seatsInUse).toBe(2);
    quick.close();
    expect(queues.seatsInUse).toBe(1);
    await server.clock.advance(1250);
    expect(queues.seatsInUse).toBe(0);
  });
});

describe('a flood', () => {
  test('waits, while another user is served before what came earlier', async () => {
    const server = new Server({ seats: 60, levels: { 'global-default': small(50) } });
    const flood = Array.from({ length: 100 }, () => server.askForLong(ann));
    expect(server.served.length).toBe(5);
    await server.clock.advance(10);
    server.ask(bob);
    for (const { end } of flood.slice(0, 5)) end();
    await server.turn();
    await server.turn();
    expect(server.served.slice(5, 10)).toContain('bob');
    expect(
      server.metric('current_inqueue_requests', 'flow_schema="global-default",priority_level="global-default"'),
    ).toBe(90);
  });

  test('is served fairly also where only the thread is scarce', async () => {
    const server = new Server();
    // More than fits into a turn; the level has seats enough.
    for (let index = 0; index < 200; index++) server.ask(ann);
    const before = server.served.length;
    expect(before).toBe(64);
    // He has nothing else under way.
    expect(server.ask(bob).over).toBeUndefined();
    const more = Array.from({ length: 10 }, () => server.ask(bob));
    await server.turn();
    await Promise.all(more.map(async ({ over }) => over));
    expect(server.served.indexOf('bob')).toBe(before);
    expect(server.served.lastIndexOf('bob')).toBeLessThan(before + 60);
  });

  test('does not delay the exempt, nor other levels', async () => {
    const server = new Server(tight);
    for (let index = 0; index < 11; index++) server.askForLong(ann);
    expect(server.ask(admin).over).toBeUndefined();
    expect(server.ask(ann, { path: '/readyz' }).over).toBeUndefined();
    const kubelet = server.ask({ name: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] });
    await server.turn();
    await kubelet.over;
    expect(server.served.slice(-3)).toEqual(['admin', 'ann', 'system:node:n']);
  });

  test('is refused when its queues are full', async () => {
    const server = new Server(tight);
    const flood = Array.from({ length: 12 }, () => server.askForLong(ann));
    // Five seats, and six queues for one each.
    expect(flood.slice(0, 11).map(({ answer }) => answer)).toEqual(Array.from({ length: 11 }, () => undefined));
    await flood[11]!.over;
    expect(flood[11]!.answer).toEqual({
      status: 429,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'retry-after': '1' },
      body: 'Too many requests, please try again later.\n',
    });
    expect(flood[11]!.standing).toHaveProperty('x-kubernetes-pf-flowschema-uid', 'uid-of-global-default');
    const labels = 'flow_schema="global-default",priority_level="global-default",reason="queue-full"';
    expect(server.metric('rejected_requests_total', labels)).toBe(1);
  });

  test('has its answers once its turn has come, and fails as its answers do', async () => {
    const server = new Server(tight);
    const first = Array.from({ length: 5 }, () => server.askForLong(ann));
    const waiting = server.askForLong(ann);
    for (const { end } of first) end();
    await server.turn();
    await server.turn();
    waiting.fail(new Error('not so'));
    await expect(waiting.over).rejects.toThrow('not so');
  });

  test('waits no longer than a quarter of what its answer may take', async () => {
    const server = new Server(tight);
    for (let index = 0; index < 5; index++) void server.askForLong(ann);
    const waiting = server.askForLong(ann);
    await server.clock.advance(14_900);
    expect(waiting.answer).toBeUndefined();
    await server.clock.advance(400);
    await waiting.over;
    expect(waiting.answer).toMatchObject({ status: 429 });
    const labels = 'flow_schema="global-default",priority_level="global-default"';
    expect(server.metric('rejected_requests_total', `${labels},reason="time-out"`)).toBe(1);
    expect(server.metric('request_wait_duration_seconds_count', `${labels},execute="false"`)).toBe(1);
    expect(server.metric('current_inqueue_requests', labels)).toBe(0);
  });

  test('whoever goes while waiting leaves no trace', async () => {
    const server = new Server(tight);
    const first = Array.from({ length: 5 }, () => server.askForLong(ann));
    const gone = server.askForLong(bob);
    gone.close();
    await gone.over;
    for (const { end } of first) end();
    await server.turn();
    expect(server.served).not.toContain('bob');
    expect(server.flowControl.levels.get('global-default')!.queues).toMatchObject({ waiting: 0, seatsWaiting: 0 });
    expect(server.ask(ann).over).toBeUndefined();
  });
});

describe('configuration', () => {
  const schema = (matchingPrecedence: number, level: string): FlowSchemaSpec => ({
    ...suggestedFlowSchemas['global-default']!,
    matchingPrecedence,
    priorityLevelConfiguration: { name: level },
  });
  const configure = (server: Server, schemas: Record<string, FlowSchemaSpec>): void =>
    server.flowControl.configure(objects(suggestedPriorityLevels), objects(schemas));

  test('schemas are asked in the order of their precedence, then of their names', () => {
    const server = new Server();
    configure(server, { b: schema(500, 'system'), a: schema(500, 'workload-low'), first: schema(400, 'node-high') });
    expect(server.flowControl.schemas.map(({ name }) => name)).toEqual(['exempt', 'first', 'a', 'b', 'catch-all']);
    expect(server.ask(ann).standing).toMatchObject({ 'x-kubernetes-pf-prioritylevel-uid': 'uid-of-node-high' });
  });

  test('a schema whose level is not there is left out, until it is', () => {
    const server = new Server();
    configure(server, { x: schema(400, 'new-level') });
    expect(server.flowControl.schemas.map(({ name }) => name)).not.toContain('x');
    server.flowControl.configure(objects({ 'new-level': small(5) }), objects({ x: schema(400, 'new-level') }));
    expect(server.ask(ann).standing).toMatchObject({ 'x-kubernetes-pf-prioritylevel-uid': 'uid-of-new-level' });
  });

  test('a change holds for users that were seen before it', () => {
    const server = new Server();
    server.ask(ann);
    configure(server, { x: schema(400, 'system') });
    expect(server.ask(ann).standing).toMatchObject({ 'x-kubernetes-pf-flowschema-uid': 'uid-of-x' });
  });

  test('namespaces that a schema names are told apart', () => {
    const server = new Server();
    const spec = schema(400, 'system');
    const rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['special'] };
    configure(server, {
      x: { ...spec, rules: [{ subjects: spec.rules![0]!.subjects, resourceRules: [rule] }] },
      rest: schema(900, 'workload-low'),
    });
    const schemaOf = (namespace: string): unknown =>
      server.ask(ann, { namespace }).standing['x-kubernetes-pf-flowschema-uid'];
    expect([schemaOf('a'), schemaOf('special'), schemaOf('b')]).toEqual(['uid-of-rest', 'uid-of-x', 'uid-of-rest']);
  });

  test('who waits in a level that is taken away is served all the same', async () => {
    const server = new Server(tight);
    const first = Array.from({ length: 5 }, () => server.askForLong(ann));
    const waiting = server.ask(bob);
    server.flowControl.configure([], []);
    for (const { end } of first) end();
    await server.turn();
    await server.turn();
    await waiting.over;
    expect(server.served.at(-1)).toBe('bob');
  });
});

test('the tables for whoever looks into it say who waits and who is served', () => {
  const server = new Server(tight);
  for (let index = 0; index < 7; index++) void server.askForLong(index < 6 ? ann : bob);
  void server.askForLong(admin);
  const documents = createFlowControlDocuments(server.flowControl, server.clock);
  const read = (name: string, query = ''): string[][] => {
    const path = `/debug/api_priority_and_fairness/${name}`;
    const found = documents.handle({ method: 'GET', path, query: new URLSearchParams(query), headers: {} });
    const text = found && 'body' in found ? String(found.body) : '';
    return text
      .trim()
      .split('\n')
      .map((line) => line.split(/, +/));
  };
  const levels = read('dump_priority_levels');
  expect(levels[0]).toEqual([
    'PriorityLevelName',
    'ActiveQueues',
    'IsIdle',
    'IsQuiescing',
    'WaitingRequests',
    'ExecutingRequests',
    'DispatchedRequests',
    'RejectedRequests',
    'TimedoutRequests',
    'CancelledRequests',
  ]);
  expect(levels.find(([name]) => name === 'global-default')).toEqual([
    'global-default',
    '2',
    'false',
    'false',
    '2',
    '5',
    '5',
    '0',
    '0',
    '0',
  ]);
  expect(read('dump_queues').filter(([name, , pending]) => name === 'global-default' && pending === '1').length).toBe(
    2,
  );
  const requests = read('dump_requests', 'includeRequestDetails=1').filter(([, schema]) => schema === 'global-default');
  expect(requests.length).toBe(7);
  const waiting = requests.find(([, , , index, flow]) => index === '0' && flow === 'bob')!;
  expect(waiting.slice(9)).toEqual([
    '0001-01-01T00:00:00Z',
    'bob',
    'get',
    '/api/v1/namespaces/a/configmaps/b',
    'a',
    'b',
    'v1',
    'configmaps',
    '',
  ]);
  expect(
    read('dump_requests')
      .find(([, schema]) => schema === 'exempt')!
      .slice(2, 4),
  ).toEqual(['-1', '-1']);
});

test('levels borrow every ten seconds, until the server ends', async () => {
  const server = new Server();
  const ending = new AbortController();
  const running = server.flowControl.run(ending.signal);
  for (let index = 0; index < 60; index++) void server.askForLong(ann);
  const { queues, limits } = server.flowControl.levels.get('global-default')!;
  await server.clock.advance(10_000);
  expect(queues.limit).toBeGreaterThan(limits.nominal);
  ending.abort();
  await running;
});
