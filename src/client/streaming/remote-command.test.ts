import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { StatusError } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { openSpdyCommand, openWebSocketCommand } from './remote-command-client.ts';
import { acceptRemoteCommand } from './remote-command-server.ts';
import type { AcceptRemoteCommandOptions } from './remote-command-server.ts';
import type { RemoteCommand, RemoteCommandOptions, RemoteCommandStreams } from './remote-command.ts';
import { exitCodeOf, remoteExit, remoteFailure, remoteSuccess } from './remote-status.ts';
import { dialSpdy } from './spdy/spdy-upgrade.ts';
import { refuseUpgrade } from './upgrade-response.ts';
import type { TerminalSize } from './terminal-size.ts';

type Behaviour = (streams: RemoteCommandStreams) => Promise<void>;

interface Server extends AsyncDisposable {
  readonly url: URL;
}

async function serve(options: AcceptRemoteCommandOptions, behaviour: Behaviour): Promise<Server> {
  const server = http.createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/missing') {
      return refuseUpgrade(socket, new StatusError('NotFound', 'pod does not exist'));
    }
    void acceptRemoteCommand({ request, socket, head }, options).then((streams) => streams && behaviour(streams));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const piped: RemoteCommandOptions = { stdin: true, stdout: true, stderr: true, tty: false };
const terminal: RemoteCommandOptions = { stdin: true, stdout: true, stderr: false, tty: true };

type Open = (url: URL, options: RemoteCommandOptions) => Promise<RemoteCommand>;
const overWebSocket =
  (...protocols: string[]): Open =>
  (url, options) =>
    openWebSocketCommand({ url, ...options, protocols });
const overSpdy =
  (...protocols: string[]): Open =>
  (url, options) =>
    openSpdyCommand({ url, ...options, protocols });

const all: [string, Open][] = [
  ['WebSocket v5', overWebSocket('v5.channel.k8s.io', 'v4.channel.k8s.io')],
  ['WebSocket v4', overWebSocket('v4.channel.k8s.io')],
  ['WebSocket v4 base64', overWebSocket('v4.base64.channel.k8s.io')],
  ['WebSocket channel.k8s.io', overWebSocket('channel.k8s.io')],
  ['WebSocket without a protocol', overWebSocket()],
  ['SPDY v4', overSpdy('v4.channel.k8s.io', 'v3.channel.k8s.io')],
  ['SPDY v3', overSpdy('v3.channel.k8s.io')],
  ['SPDY v1', overSpdy('channel.k8s.io')],
];
const withEnd = all.filter(([name]) => name.includes('SPDY') || name.includes('v5'));
const withExitCode = all.filter(([name]) => name.includes('v4') || name.includes('v5'));

test.each(all)('%s carries output on both streams, and success', async (_name, open) => {
  await using server = await serve(piped, async (streams) => {
    streams.stdout!.write('to stdout');
    streams.stderr!.write('to stderr');
    await streams.close(remoteSuccess);
  });
  await using command = await open(server.url, piped);
  expect(await Promise.all([text(command.stdout!), text(command.stderr!)])).toEqual(['to stdout', 'to stderr']);
  expect(await command.status).toMatchObject({ status: 'Success' });
});

test.each(withEnd)('%s echoes binary input until the client ends it', async (name, open) => {
  await using server = await serve(piped, async (streams) => {
    for await (const part of streams.stdin!) if (!streams.stdout!.write(part)) await once(streams.stdout!, 'drain');
    await streams.close(remoteExit(3));
  });
  await using command = await open(server.url, piped);
  const sent = randomBytes(3_000_000);
  command.stdin!.end(sent);
  command.stderr!.resume();
  expect((await buffer(command.stdout!)).equals(sent)).toBe(true);
  // Before v4 a failure is only a message.
  expect(exitCodeOf(await command.status)).toBe(/v[45]/.test(name) ? 3 : undefined);
});

test.each(withExitCode)('%s carries the exit code as upstream states it', async (_name, open) => {
  await using server = await serve(piped, (streams) => streams.close(remoteExit(42)));
  await using command = await open(server.url, piped);
  expect(await command.status).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '42' }] },
  });
});

test.each(all)('%s carries a failure to run', async (_name, open) => {
  await using server = await serve(piped, (streams) => streams.close(remoteFailure(new Error('no such file'))));
  await using command = await open(server.url, piped);
  expect(await command.status).toMatchObject({ status: 'Failure', message: 'no such file' });
});

test.each(withExitCode)('%s tells terminal sizes', async (_name, open) => {
  const sizes: TerminalSize[] = [];
  await using server = await serve(terminal, async (streams) => {
    for await (const size of streams.resize!) {
      sizes.push(size);
      if (size.width === 100) break;
    }
    await streams.close(remoteSuccess);
  });
  await using command = await open(server.url, terminal);
  command.resize({ width: 80, height: 24 });
  command.resize({ width: 100, height: 30 });
  await command.status;
  expect(sizes.at(-1)).toEqual({ width: 100, height: 30 });
});

test.each(withEnd)('%s moves large output without buffering it when the client is slow', async (_name, open) => {
  const total = 100 * 1024 * 1024;
  let written = 0;
  await using server = await serve(piped, async (streams) => {
    const block = Buffer.alloc(256 * 1024, 7);
    for (; written < total; written += block.length) {
      if (!streams.stdout!.write(block)) await once(streams.stdout!, 'drain');
    }
    await streams.close(remoteSuccess);
  });
  await using command = await open(server.url, piped);
  await once(command.stdout!, 'readable');
  for (let before = -1; before !== written;) {
    before = written;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(written).toBeLessThan(total / 2);
  let received = 0;
  for await (const part of command.stdout!) received += (part as Buffer).length;
  expect(received).toBe(total);
  expect(await command.status).toMatchObject({ status: 'Success' });
});

test.each(withEnd)('%s tells the server that the client has gone', async (_name, open) => {
  const streamsSeen = Promise.withResolvers<RemoteCommandStreams>();
  await using server = await serve(piped, async (streams) => streamsSeen.resolve(streams));
  const command = await open(server.url, piped);
  const streams = await streamsSeen.promise;
  streams.stdin!.resume();
  await command.close();
  if (!streams.gone.aborted) await once(streams.gone, 'abort');
  await expect(command.status).rejects.toThrow('closed before the command ended');
});

test.each(withEnd)('%s tells the client that the server has gone', async (_name, open) => {
  const server = await serve(piped, async () => undefined);
  const command = await open(server.url, piped);
  await server[Symbol.asyncDispose]();
  await expect(command.status).rejects.toThrow('closed before the command ended');
});

test.each(withEnd)('%s rejects with the Status that the server refuses with', async (_name, open) => {
  await using server = await serve(piped, async () => undefined);
  await expect(open(new URL('/missing', server.url), piped)).rejects.toMatchObject({
    reason: 'NotFound',
    message: 'pod does not exist',
    code: 404,
  });
});

test('a client with no common protocol is refused', async () => {
  await using server = await serve(piped, async () => undefined);
  await expect(openSpdyCommand({ url: server.url, ...piped, protocols: ['v9'] })).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('client supports [v9], server accepts [v4.channel.k8s.io'),
  });
  await expect(openWebSocketCommand({ url: server.url, ...piped, protocols: ['v9'] })).rejects.toMatchObject({
    code: 400,
  });
});

test('a WebSocket client that has gone is noticed although its input is not being read', async () => {
  const clock = new FakeClock();
  const seen = Promise.withResolvers<RemoteCommandStreams>();
  await using server = await serve({ ...piped, clock }, async (streams) => seen.resolve(streams));
  const client = new WebSocket(server.url, 'v5.channel.k8s.io');
  const streams = await seen.promise;
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  for (let i = 0; i < 20; i++) client.send(Buffer.alloc(1024 * 1024));
  await once(streams.stdin!, 'readable');
  client.terminate();
  const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  for (let rounds = 0; !streams.gone.aborted && rounds < 10_000; rounds++) await clock.advance(30_000, nextRound);
  expect(streams.gone.aborted).toBe(true);
});

test('a SPDY client that does not open its streams is cut off', async () => {
  const clock = new FakeClock();
  await using server = await serve({ ...piped, clock }, async () => undefined);
  const { connection } = await dialSpdy({ url: server.url, protocols: ['v4.channel.k8s.io'] });
  await connection.openStream({ streamtype: 'error' });
  await clock.advance(30_000);
  await connection.closed;
});
