import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { selfSigned } from './self-signed.ts';
import type { SelfSigned } from './self-signed.ts';
import { proxyUpgrade } from './upgrade-proxy.ts';
import type { ProxyUpgradeOptions } from './upgrade-proxy.ts';

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

let identity: SelfSigned;
/** TLS servers end both directions together unless told otherwise. */
let halfOpen: SelfSigned & { allowHalfOpen: true };
const cleanup = new AsyncDisposableStack();
beforeAll(async () => {
  identity = await selfSigned();
  halfOpen = { ...identity, allowHalfOpen: true };
});
afterAll(() => Promise.resolve(cleanup.disposeAsync()));

/** A backend that answers every upgrade as told. */
async function backend(onUpgrade: Upgrade): Promise<URL> {
  const server = https.createServer(halfOpen);
  server.on('upgrade', onUpgrade);
  return listen(server);
}

/** A server that proxies every upgrade to `target`, and answers GETs over h2 and HTTP/1.1. */
async function proxy(
  target: URL,
  options: Partial<ProxyUpgradeOptions> = {},
): Promise<{ url: URL; done: Promise<void>[] }> {
  const done: Promise<void>[] = [];
  const server = http2.createSecureServer({ ...halfOpen, allowHTTP1: true }, (request, response) => {
    response.end(`HTTP/${request.httpVersion}`);
  });
  server.on('upgrade', (request, socket, head) => {
    done.push(proxyUpgrade({ request, socket, head, target, tls: { ca: identity.cert }, ...options }));
  });
  return { url: await listen(server), done };
}

async function listen(server: Server): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/path?a=b`);
}

/** Sends a raw upgrade request. */
async function dial(url: URL, headers: readonly string[] = [], early = ''): Promise<Socket> {
  const options: tls.ConnectionOptions & { allowHalfOpen: boolean } = {
    port: Number(url.port),
    host: url.hostname,
    ca: identity.cert,
    allowHalfOpen: true,
  };
  const socket = tls.connect(options);
  await once(socket, 'secureConnect');
  const lines = ['GET /from HTTP/1.1', 'Host: front', 'Connection: Upgrade', 'Upgrade: test', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${early}`);
  return socket;
}

async function readUntil(socket: Duplex, end: string): Promise<string> {
  let received = '';
  while (!received.includes(end)) {
    const part: unknown = socket.read();
    if (Buffer.isBuffer(part)) received += part.toString();
    else await once(socket, 'readable');
  }
  return received;
}

const accept = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\nX-Chosen: v4\r\n\r\n';

test('bytes pass both ways, those that came with request and answer too', async () => {
  const target = await backend((_request, socket, head) => {
    socket.write(`${accept}early answer.`);
    socket.write(head);
    socket.pipe(socket);
  });
  const { url, done } = await proxy(target);
  const socket = await dial(url, [], 'early bytes.');
  expect(await readUntil(socket, 'early bytes.')).toMatch(
    /^HTTP\/1.1 101 [\s\S]*X-Chosen: v4[\s\S]*early answer\.early bytes\.$/,
  );
  socket.write('later bytes.');
  expect(await readUntil(socket, 'later bytes.')).toBe('later bytes.');
  socket.end();
  await Promise.all(done);
});

test('each direction ends on its own', async () => {
  const target = await backend((_request, socket) => {
    socket.write(accept);
    void text(socket).then((received) => socket.end(`got ${received}`));
  });
  const { url, done } = await proxy(target);
  const socket = await dial(url);
  await readUntil(socket, '\r\n\r\n');
  socket.end('all of it');
  expect(await text(socket)).toBe('got all of it');
  await Promise.all(done);
});

test('the backend sees neither the credentials nor the host of the client, but what is added', async () => {
  const seen = Promise.withResolvers<IncomingMessage>();
  const target = await backend((request, socket) => {
    seen.resolve(request);
    socket.end(accept);
  });
  const { url, done } = await proxy(target, { extraHeaders: { 'X-Added': 'yes' } });
  const socket = await dial(url, [
    'Authorization: Bearer secret',
    'Impersonate-User: root',
    'X-Remote-User: root',
    'X-Stream-Protocol-Version: v4.channel.k8s.io',
    'X-Stream-Protocol-Version: v3.channel.k8s.io',
    'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.c2VjcmV0, v5.channel.k8s.io',
  ]);
  const request = await seen.promise;
  expect(request.url).toBe('/path?a=b');
  expect(request.headers).toEqual({
    host: target.host,
    connection: 'Upgrade',
    upgrade: 'test',
    'x-added': 'yes',
    'x-stream-protocol-version': 'v4.channel.k8s.io, v3.channel.k8s.io',
    'sec-websocket-protocol': 'v5.channel.k8s.io',
  });
  socket.destroy();
  await Promise.all(done);
});

test('an answer other than 101 comes through as an ordinary response', async () => {
  const target = await backend((_request, socket) => {
    socket.end(
      'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
    );
  });
  const { url, done } = await proxy(target);
  const answer = await text(await dial(url));
  expect(answer).toMatch(/^HTTP\/1.1 404 Not Found\r\n[\s\S]*Content-Type: application\/json\r\n/);
  expect(answer).not.toMatch(/chunked/i);
  expect(answer.split('\r\n\r\n')[1]).toBe('{"a":1}');
  await Promise.all(done);
});

test('a backend that does not listen becomes a Status', async () => {
  const nobody = net.createServer().listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const { port } = nobody.address() as AddressInfo;
  await new Promise((resolve) => nobody.close(resolve));
  const { url, done } = await proxy(new URL(`https://127.0.0.1:${port}/`));
  const [head, body] = (await text(await dial(url))).split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1.1 500 /);
  expect(JSON.parse(body!)).toMatchObject({
    kind: 'Status',
    reason: 'InternalError',
    code: 500,
    message: expect.stringMatching(/^error dialing backend: .*ECONNREFUSED/),
  });
  await Promise.all(done);
});

test('the backend learns that the client has vanished, and the client that the backend has', async () => {
  const sockets: Duplex[] = [];
  const target = await backend((_request, socket) => {
    socket
      .on('error', () => undefined)
      .on('end', () => socket.end())
      .resume();
    socket.write(accept);
    sockets.push(socket);
  });
  const { url, done } = await proxy(target);
  const first = await dial(url);
  await readUntil(first, '\r\n\r\n');
  first.destroy();
  await done[0];
  if (!sockets[0]!.closed) await once(sockets[0]!, 'close');

  const second = await dial(url);
  await readUntil(second, '\r\n\r\n');
  sockets[1]!.destroy();
  second.resume();
  await once(second, 'end');
  second.end();
  await done[1];
});

test('the signal cuts both connections', async () => {
  const target = await backend((_request, socket) => void socket.on('error', () => undefined).write(accept));
  const abort = new AbortController();
  const { url, done } = await proxy(target, { signal: abort.signal });
  const socket = await dial(url);
  socket.on('error', () => undefined);
  await readUntil(socket, '\r\n\r\n');
  abort.abort();
  await Promise.all(done);
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve).resume());
});

test('a connection without a byte for the idle time is cut', async () => {
  const target = await backend((_request, socket) => void socket.on('error', () => undefined).write(accept));
  const { url, done } = await proxy(target, { idleTimeoutMs: 50 });
  await readUntil(await dial(url), '\r\n\r\n');
  await Promise.all(done);
});

test('a client that does not hang up after the backend has is cut after a while', async () => {
  const clock = new FakeClock();
  const target = await backend((_request, socket) => {
    socket.on('error', () => undefined);
    socket.end(`${accept}bye`);
    socket.resume();
  });
  const { url, done } = await proxy(target, { clock });
  const socket = await dial(url);
  socket.on('error', () => undefined);
  // Half-closed towards us only: the client keeps its own side open.
  expect(await text(socket)).toMatch(/bye$/);
  const closed = once(socket, 'close').catch(() => undefined);
  socket.destroy();
  await closed;
  await Promise.all(done);
  expect(clock.nextTimer).toBeUndefined();
});

test('upgrades work on the port on which other connections speak h2', async () => {
  const target = await backend((_request, socket) => {
    socket.write(accept);
    socket.pipe(socket);
  });
  const { url, done } = await proxy(target);
  const session = http2.connect(url.origin, { ca: identity.cert });
  const ask = (): Promise<string> => text(session.request({ ':path': '/' }));
  expect(await ask()).toBe('HTTP/2.0');
  const socket = await dial(url);
  await readUntil(socket, '\r\n\r\n');
  const [answers, echoed] = await Promise.all([
    Promise.all(Array.from({ length: 20 }, ask)),
    (async () => {
      socket.write('over HTTP/1.1.');
      return readUntil(socket, 'HTTP/1.1.');
    })(),
  ]);
  expect(new Set(answers)).toEqual(new Set(['HTTP/2.0']));
  expect(echoed).toBe('over HTTP/1.1.');
  const plain = await new Promise<string>((resolve, reject) => {
    https.get(url, { ca: identity.cert }, (response) => resolve(text(response))).on('error', reject);
  });
  expect(plain).toBe('HTTP/1.1');
  socket.end();
  session.close();
  await Promise.all(done);
});

test('a plain http backend is reached too', async () => {
  const server = http.createServer();
  server.on('upgrade', (_request, socket) => void socket.end(`${accept}plain`));
  const target = await listen(server);
  target.protocol = 'http:';
  const { url, done } = await proxy(new URL(target.href.replace('https:', 'http:')));
  const socket = await dial(url);
  expect(await text(socket)).toMatch(/plain$/);
  socket.end();
  await Promise.all(done);
});
