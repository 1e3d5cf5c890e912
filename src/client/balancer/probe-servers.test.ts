import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { probeServers } from './probe-servers.ts';
import { ServerList } from './server-list.ts';

type Answer = 'ok' | 'error' | 'none';

/** A server whose answers can be changed. */
async function server(): Promise<{ address: string; live: Answer; ready: Answer } & AsyncDisposable> {
  const sessions = new Set<{ destroy(): void }>();
  const http = createServer();
  http.on('session', (session) => sessions.add(session));
  http.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const answer = headers[':path'] === '/readyz' ? self.ready : self.live;
    if (answer !== 'none') {
      stream.respond({ ':status': answer === 'ok' ? 200 : 500 });
      stream.end(answer);
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const self = {
    address: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    live: 'ok' as Answer,
    ready: 'ok' as Answer,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
  return self;
}

/** Moves time until a server is what it should be. */
async function until(list: ServerList, clock: FakeClock, wanted: Readonly<Record<string, string>>): Promise<number> {
  const began = clock.now();
  const isSo = (): boolean => Object.entries(wanted).every(([address, health]) => list.health(address) === health);
  for (let turn = 0; !isSo() && turn < 100; turn++) {
    // Answers take a little real time: the clock moves on only when they are there.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (!isSo()) await clock.advance(clock.nextTimer ?? 0);
  }
  expect(Object.fromEntries(Object.keys(wanted).map((address) => [address, list.health(address)]))).toEqual(wanted);
  return clock.now() - began;
}

test('servers are asked whether they live, and whether they are ready; what hangs is gone within five seconds', async () => {
  await using first = await server();
  await using second = await server();
  const clock = new FakeClock();
  const list = new ServerList([first.address, second.address, '127.0.0.1:9']);
  const stop = new AbortController();
  const probing = probeServers(list, {
    connection: { servers: [] },
    scheme: 'http',
    clock,
    signal: stop.signal,
  });
  await until(list, clock, { [first.address]: 'ready', [second.address]: 'ready', '127.0.0.1:9': 'gone' });
  second.ready = 'error';
  await until(list, clock, { [first.address]: 'ready', [second.address]: 'unready' });
  second.ready = 'none';
  first.live = 'none';
  expect(await until(list, clock, { [first.address]: 'gone', [second.address]: 'unready' })).toBeLessThanOrEqual(5_000);
  first.live = 'ok';
  second.ready = 'ok';
  await until(list, clock, { [first.address]: 'ready', [second.address]: 'ready' });
  stop.abort();
  await clock.advance(2_000);
  await probing;
});
