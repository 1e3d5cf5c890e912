import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { StatusError } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { openSpdyCommand, openWebSocketCommand } from '../../client/streaming/remote-command-client.ts';
import { acceptRemoteCommand } from '../../client/streaming/remote-command-server.ts';
import type { RemoteCommandStreams } from '../../client/streaming/remote-command.ts';
import { remoteSuccess } from '../../client/streaming/remote-status.ts';
import { requestUpgrade } from '../../client/streaming/upgrade-request.ts';
import type { UpgradeRequest } from '../../client/streaming/upgrade-request.ts';
import { createStreamingHandler } from './streaming-handler.ts';
import type { StreamingHandlerOptions, StreamingResolver } from './streaming-handler.ts';
import { parseStreamingRequest } from './streaming-request.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of cleanup.splice(0).reverse()) await stop();
});

async function listen(
  onUpgrade: (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<string> {
  const server = http.createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', onUpgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function kubelet(
  resolver: Partial<StreamingResolver>,
  options: Partial<StreamingHandlerOptions> = {},
): Promise<string> {
  const missing = (): Promise<string> => Promise.reject(new StatusError('NotFound', 'pod does not exist'));
  const handler = createStreamingHandler({
    resolver: { exec: missing, attach: missing, portForward: missing, ...resolver },
    log: silentLogger,
    ...options,
  });
  return listen((request, socket, head) => {
    if (!handler(request, socket, head)) socket.end('HTTP/1.1 418 Not mine\r\nContent-Length: 0\r\n\r\n');
  });
}

/** A runtime that hands every client to `serve`. */
async function runtime(serve: (streams: RemoteCommandStreams) => Promise<void>): Promise<string> {
  return listen((request, socket, head) => {
    void acceptRemoteCommand({ request, socket, head }, piped).then((streams) => streams && serve(streams));
  });
}

const piped = { stdin: true, stdout: true, stderr: true, tty: false };
const query = '?command=x&input=1&output=1&error=1';
const openBy = [
  ['WebSocket', openWebSocketCommand],
  ['SPDY', openSpdyCommand],
] as const;

async function answerTo(
  url: string,
  headers: UpgradeRequest['headers'] = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' },
): Promise<{ code: number; message: unknown }> {
  const answer = await requestUpgrade({ url: new URL(url), headers });
  if (answer.upgraded) throw new Error('the request was upgraded');
  const parts: Buffer[] = [];
  for await (const part of answer.response as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts).toString();
  return {
    code: answer.response.statusCode!,
    message: body === '' ? '' : (JSON.parse(body) as { message: unknown }).message,
  };
}

test('paths and queries say what is asked for', () => {
  const streams = { stdin: false, stdout: true, stderr: true, tty: false };
  expect(parseStreamingRequest('/exec/ns/pod/main?command=sh&command=-c&command=a%20b&output=1&error=1')).toEqual({
    kind: 'exec',
    target: {
      namespace: 'ns',
      pod: 'pod',
      uid: undefined,
      container: 'main',
      command: ['sh', '-c', 'a b'],
      ...streams,
    },
  });
  expect(parseStreamingRequest('/attach/ns/pod/uid/main?stdout=true&stderr=true')).toEqual({
    kind: 'attach',
    target: { namespace: 'ns', pod: 'pod', uid: 'uid', container: 'main', ...streams },
  });
  expect(parseStreamingRequest('/exec/ns/pod/main?tty=1&input=1&output=1&error=1')).toMatchObject({
    target: { tty: true, stdin: true, stdout: true, stderr: false },
  });
  expect(parseStreamingRequest('/portForward/ns/pod?port=80,443&port=8080')).toEqual({
    kind: 'portForward',
    target: { namespace: 'ns', pod: 'pod', uid: undefined },
    ports: [80, 443, 8080],
  });
  for (const other of ['/', '/exec/ns/pod', '/pods', '/portForward/ns/pod/uid/more', '/exec/a/b/c/d/e']) {
    expect(parseStreamingRequest(other)).toBeUndefined();
  }
});

test.each(['port=x', 'port=', 'port=0', 'port=65536', 'port=80,'])(
  'a port-forward with %s is refused',
  async (ports) => {
    const url = await kubelet({});
    expect((await answerTo(`${url}/portForward/ns/pod?${ports}`)).code).toBe(400);
  },
);

test('other paths are left to others', async () => {
  expect(await answerTo(`${await kubelet({})}/pods`)).toEqual({ code: 418, message: '' });
});

test('an upgrade to an unknown protocol is refused', async () => {
  const url = await kubelet({});
  expect(await answerTo(`${url}/exec/ns/pod/main${query}`, { Connection: 'Upgrade', Upgrade: 'gopher' })).toEqual({
    code: 400,
    message: 'unable to upgrade: missing upgrade headers in request',
  });
});

test.each(openBy)("the resolver's refusal reaches the client of %s as a Status", async (_name, open) => {
  const url = new URL(`/attach/ns/pod/main${query}`, await kubelet({}));
  await expect(open({ url, ...piped })).rejects.toMatchObject({
    code: 404,
    reason: 'NotFound',
    message: 'pod does not exist',
  });
});

test.each(openBy)('a runtime that does not answer is a 500 Status over %s', async (_name, open) => {
  const url = new URL(
    `/exec/ns/pod/main${query}`,
    await kubelet({ exec: async () => 'http://127.0.0.1:1/exec/token' }),
  );
  await expect(open({ url, ...piped })).rejects.toMatchObject({
    code: 500,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test.each(openBy)('an idle command over %s is cut after the idle timeout', async (_name, open) => {
  const gone = Promise.withResolvers<void>();
  const target = await runtime(async (streams) => streams.gone.addEventListener('abort', () => gone.resolve()));
  const url = await kubelet({ exec: async () => `${target}/exec/token` }, { idleTimeoutMs: 100 });
  const command = await open({ url: new URL(`/exec/ns/pod/main${query}`, url), ...piped });
  await expect(command.status).rejects.toThrow('closed before the command ended');
  await gone.promise;
});

test.each(openBy)('the signal cuts a command over %s', async (_name, open) => {
  const gone = Promise.withResolvers<void>();
  const target = await runtime(async (streams) => streams.gone.addEventListener('abort', () => gone.resolve()));
  const abort = new AbortController();
  const url = await kubelet({ exec: async () => `${target}/exec/token` }, { signal: abort.signal });
  const command = await open({ url: new URL(`/exec/ns/pod/main${query}`, url), ...piped });
  abort.abort();
  await expect(command.status).rejects.toThrow('closed before the command ended');
  await gone.promise;
});

test('a runtime that breaks off is told on the error channel', async () => {
  const target = await listen((request, socket, head) => {
    void acceptRemoteCommand({ request, socket, head }, piped).then((streams) =>
      streams!.stdout!.write('half of it', () => socket.destroy()),
    );
  });
  const url = await kubelet({ exec: async () => `${target}/exec/token` });
  const command = await openWebSocketCommand({ url: new URL(`/exec/ns/pod/main${query}`, url), ...piped });
  let output = '';
  command.stdout!.on('data', (part: Buffer) => (output += part.toString()));
  expect(await command.status).toMatchObject({
    status: 'Failure',
    reason: 'InternalError',
    message: expect.stringMatching(/^the container runtime broke off/),
  });
  expect(output).toBe('half of it');
});

test('all output comes before the status, however slow the client reads', async () => {
  const size = 30_000_000;
  const target = await runtime(async (streams) => {
    streams.stdout!.write(Buffer.alloc(size, 1));
    streams.stderr!.write('the end');
    await streams.close(remoteSuccess);
  });
  const url = await kubelet({ exec: async () => `${target}/exec/token` });
  const command = await openWebSocketCommand({ url: new URL(`/exec/ns/pod/main${query}`, url), ...piped });
  command.stderr!.resume();
  let received = 0;
  for await (const part of command.stdout!) {
    received += (part as Buffer).length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(received).toBe(size);
  expect(await command.status).toMatchObject({ status: 'Success' });
});
