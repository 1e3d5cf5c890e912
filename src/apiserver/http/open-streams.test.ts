import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { OpenStreams, forgetEndedStreams } from './open-streams.ts';

const stateOf = (session: object): Record<string, unknown> => {
  const name = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'state')!;
  return (session as Record<symbol, Record<string, unknown>>)[name]!;
};

test('streams are found by their numbers until they are taken out', () => {
  const streams = new OpenStreams();
  streams.set(1, 'one');
  streams.set(3, 'three');
  streams.add('pending');
  expect([streams.get(1), streams.get(3), streams.get(5), streams.size]).toEqual(['one', 'three', undefined, 3]);
  expect([streams.delete(1), streams.delete(1), streams.delete('pending')]).toEqual([true, false, true]);
  const seen: unknown[] = [];
  streams.forEach((stream) => {
    seen.push(stream);
    streams.delete(3);
  });
  expect([seen, streams.size]).toEqual([['three'], 0]);
});

test('a connection of this Node keeps its streams there, serves them, and ends those that are open when it ends', async () => {
  const server = createServer();
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => {
    sessions.push(session);
    forgetEndedStreams(session);
  });
  const closed: number[] = [];
  server.on('stream', (stream, headers) => {
    stream.on('close', () => closed.push(stream.id!));
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    if (headers[':path'] !== '/open') stream.end('x');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => undefined);
  const ask = async (path: string): Promise<void> => {
    await once(client.request({ ':path': path }).resume(), 'end');
  };
  await Promise.all(Array.from({ length: 50 }, (_, index) => ask(`/${index}`)));
  const open = client.request({ ':path': '/open' }).on('error', () => undefined);
  await once(open, 'response');
  const [session] = sessions;
  const { streams, pendingStreams } = stateOf(session!) as Record<string, OpenStreams>;
  expect([streams, pendingStreams]).toEqual([expect.any(OpenStreams), expect.any(OpenStreams)]);
  await expect.poll(() => [streams!.size, pendingStreams!.size]).toEqual([1, 0]);
  session!.destroy();
  await expect.poll(() => closed).toHaveLength(51);
  client.destroy();
  server.close();
});
