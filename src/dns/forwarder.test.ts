import packet from 'dns-packet';
import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import { AnswerCache } from './answer-cache.ts';
import type { Exchange } from './exchange.ts';
import { Forwarder } from './forwarder.ts';
import type { DnsQuery } from './query.ts';
import { parseQuery } from './query.ts';
import { recordTtls } from './record-ttls.ts';

const upstreams = [
  { address: '192.0.2.1', port: 53 },
  { address: '192.0.2.2', port: 53 },
];
const { signal } = new AbortController();

function query(name: string): DnsQuery {
  const parsed = parseQuery(
    packet.encode({ type: 'query', id: 9, flags: 256, questions: [{ name, type: 'A', class: 'IN' }] }),
  );
  if (parsed === undefined || !('question' in parsed)) throw new Error('not a query');
  return parsed;
}

/** An answer with one address, or a denial with an SOA, of the given TTL. */
function answer(ttl: number, rcode = 0): Buffer {
  const soa = { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: ttl };
  return packet.encode({
    type: 'response',
    id: 1,
    flags: rcode,
    questions: [{ name: 'example.org', type: 'A', class: 'IN' }],
    answers: rcode === 0 ? [{ name: 'example.org', type: 'A', ttl, data: '192.0.2.9' }] : [],
    authorities: rcode === 0 ? [] : [{ name: 'org', type: 'SOA', ttl, data: soa }],
  });
}

/** A forwarder whose servers answer as told; undefined: never. */
function forwarder(tell: (server: string) => Buffer | undefined, size = 100) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const exchange: Exchange = (_message, upstream, options) => {
    asked.push(upstream.address);
    const told = tell(upstream.address);
    if (told !== undefined) return Promise.resolve(told);
    return new Promise((_resolve, reject) =>
      options.signal.addEventListener('abort', () => reject(options.signal.reason)),
    );
  };
  const cache = new AnswerCache({ size, maxTtl: 30, maxNegativeTtl: 10, clock });
  return {
    clock,
    asked,
    forwarder: new Forwarder({ upstreams, exchange, cache, clock, random: seededRandom(), log: silentLogger }),
  };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

test('an answer is kept for its TTL, which goes down meanwhile', async () => {
  const { clock, asked, forwarder: it } = forwarder(() => answer(20));
  await it.ask(query('example.org'), 'udp', signal);
  await clock.advance(7_500);
  const kept = await it.ask(query('Example.ORG'), 'udp', signal);
  expect(recordTtls(kept!).map(({ seconds }) => seconds)).toEqual([13]);
  await clock.advance(12_500);
  await it.ask(query('example.org'), 'udp', signal);
  expect(asked).toEqual(['192.0.2.1', '192.0.2.1']);
});

test('an answer with a long TTL is kept for at most 30 s, a denial for less', async () => {
  for (const [rcode, seconds] of [
    [0, 30],
    [3, 10],
  ] as const) {
    const { clock, asked, forwarder: it } = forwarder(() => answer(3_600, rcode));
    await it.ask(query('example.org'), 'udp', signal);
    await clock.advance(seconds * 1_000 - 1);
    await it.ask(query('example.org'), 'udp', signal);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await it.ask(query('example.org'), 'udp', signal);
    expect(asked).toHaveLength(2);
  }
});

test('a server that is silent is passed over after 2 s, and asked last for a while', async () => {
  const { clock, asked, forwarder: it } = forwarder((server) => (server === '192.0.2.1' ? undefined : answer(1)));
  const first = it.ask(query('example.org'), 'udp', signal);
  await clock.advance(2_000, turns);
  expect(await first).toBeDefined();
  await it.ask(query('other.example.org'), 'udp', signal);
  expect(asked).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.2']);
  await clock.advance(10_000);
  const later = it.ask(query('third.example.org'), 'udp', signal);
  await clock.advance(2_000, turns);
  await later;
  expect(asked.slice(3)).toEqual(['192.0.2.1', '192.0.2.2']);
});

test('a question that nobody answers is not asked again for 5 s', async () => {
  const { clock, asked, forwarder: it } = forwarder(() => undefined);
  const first = it.ask(query('example.org'), 'udp', signal);
  await clock.advance(4_000, turns);
  expect(await first).toBeUndefined();
  expect(asked).toHaveLength(2);
  expect(await it.ask(query('example.org'), 'udp', signal)).toBeUndefined();
  expect(asked).toHaveLength(2);
  await clock.advance(5_000);
  void it.ask(query('example.org'), 'udp', signal);
  await turns();
  expect(asked).toHaveLength(3);
});

test('a server that refuses is asked no second time, and its answer is passed on but not kept', async () => {
  const { asked, forwarder: it } = forwarder(() => answer(60, 5));
  expect((await it.ask(query('example.org'), 'udp', signal))?.readUInt8(3)).toBe(5);
  await it.ask(query('example.org'), 'udp', signal);
  expect(asked).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2']);
});

test('the cache holds as many answers as it may, and drops what was used longest ago', async () => {
  const { asked, forwarder: it } = forwarder(() => answer(30), 2);
  for (const name of ['a.org', 'b.org', 'a.org', 'c.org']) await it.ask(query(name), 'udp', signal);
  expect(it.cacheStatistics).toEqual({ hits: 1, misses: 3, entries: 2 });
  await it.ask(query('a.org'), 'udp', signal);
  expect(asked).toHaveLength(3);
  await it.ask(query('b.org'), 'udp', signal);
  expect(asked).toHaveLength(4);
});
