/** Connections that are slow, endless or full of frames that cost the server more than the client. */
import { connect as connectH2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import { residentBytes } from './attacker.ts';

let cluster: AttackCluster;
beforeAll(async () => {
  cluster = await attackCluster({ limits: { headers: 400, idle: 600 } });
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Longest that the server may take to be rid of an attacker, in milliseconds; on a busy machine. */
const allowed = 8000;

/** Resolves when the server has hung up; rejects when it does not in time. */
function hungUp(socket: Socket | TLSSocket | ClientHttp2Session, name = 'attacker'): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server still listens to the ${name}`)), allowed);
    socket.on('error', () => undefined);
    if ('resume' in socket) socket.resume();
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  }).finally(() => socket.destroy());
}

function tls(protocol: 'http/1.1' | 'h2', more: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: cluster.port,
      ca: cluster.authority.certificate,
      ALPNProtocols: [protocol],
      ...more,
    };
    const socket: TLSSocket = connectTls(options, () => {
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Others are served as if nothing were. */
async function served(): Promise<void> {
  const started = performance.now();
  expect((await cluster.admin.get('/api/v1/namespaces/default')).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(allowed / 2);
}

test('who never finishes a handshake, a header or a request is hung up on', async () => {
  const tcp = connectTcp({ host: '127.0.0.1', port: cluster.port });
  const silent = await tls('http/1.1');
  const half = await tls('http/1.1');
  half.write('GET /version HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  const dripping = setInterval(() => half.write('a'), 100);
  half.once('close', () => clearInterval(dripping));
  const idle = await tls('http/1.1');
  idle.write('GET /version HTTP/1.1\r\nHost: a\r\n\r\n');
  const frames = await tls('h2');
  frames.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const all = { tcp, silent, half, idle, frames };
  await Promise.all(Object.entries(all).map(([name, socket]) => hungUp(socket, name)));
  await served();
});

test('a body that never comes does not keep its request', async () => {
  const heard = await cluster.admin.raw(
    'POST /api/v1/namespaces/default/configmaps?timeout=300ms HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  );
  expect(heard).toMatch(/^HTTP\/1\.1 504 /);
});

/** A frame of HTTP/2. */
function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);
/** `:method GET`, `:scheme https`, `:path /`, as HPACK has them in its static table. */
const plainHeaders = Buffer.from([0x82, 0x87, 0x84]);

test('headers that go on and on in CONTINUATION frames end the connection (CVE-2024-27983)', async () => {
  const socket = await tls('h2');
  const closed = hungUp(socket);
  const literal = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x81, 0x7e]), Buffer.alloc(16_000, 0x61)]);
  socket.write(Buffer.concat([preface, frame(1, 0, 1, plainHeaders)]));
  const before = residentBytes();
  for (let count = 0; count < 400 && !socket.destroyed; count++) socket.write(frame(9, 0, 1, literal));
  await closed;
  expect(residentBytes() - before).toBeLessThan(100 * 1024 * 1024);
  await served();
});

test('streams that are opened and reset at once end the connection (CVE-2023-44487)', async () => {
  const socket = await tls('h2');
  const closed = hungUp(socket);
  socket.write(preface);
  const cancel = Buffer.from([0, 0, 0, 8]);
  for (let batch = 0; batch < 40 && !socket.destroyed; batch++) {
    const frames: Buffer[] = [];
    for (let count = 0; count < 100; count++) {
      const stream = 1 + 2 * (batch * 100 + count);
      frames.push(frame(1, 5, stream, plainHeaders), frame(3, 0, stream, cancel));
    }
    socket.write(Buffer.concat(frames));
  }
  await closed;
  await served();
});

test.each([
  ['settings', frame(4, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0]))],
  ['pings', frame(6, 0, 0, Buffer.alloc(8))],
  ['empty data', frame(0, 0, 1)],
  ['priorities', frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 1]))],
  ['window updates of nothing', frame(8, 0, 0, Buffer.from([0, 0, 0, 0]))],
  ['headers of the same stream', frame(1, 4, 1, plainHeaders)],
])('a flood of %s does not hold others up (CVE-2019-9511 to 9518)', async (_, flood) => {
  const socket = await tls('h2');
  socket.write(Buffer.concat([preface, frame(1, 4, 1, plainHeaders)]));
  const before = residentBytes();
  const many = Buffer.concat(Array.from({ length: 5000 }, () => flood));
  for (let count = 0; count < 4 && !socket.destroyed; count++) socket.write(many);
  await served();
  expect(residentBytes() - before).toBeLessThan(100 * 1024 * 1024);
  socket.destroy();
});

test('headers too large are refused, and no more than so many of them are read', async () => {
  expect(
    await cluster.admin.raw(`GET /version HTTP/1.1\r\nHost: a\r\nX-Large: ${'a'.repeat(100_000)}\r\n\r\n`),
  ).toMatch(/^HTTP\/1\.1 431 /);
  const many = Array.from({ length: 5000 }, (_, at) => `X-${at}: a\r\n`).join('');
  expect(await cluster.admin.raw(`GET /version HTTP/1.1\r\nHost: a\r\n${many}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  expect(await cluster.admin.raw(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 (414|431) /,
  );
  await served();
});

test('a stranger who is refused over HTTP/2 must connect anew', async () => {
  const session = connectH2(`https://127.0.0.1:${cluster.port}`, { ca: cluster.authority.certificate });
  session.on('error', () => undefined);
  const closed = hungUp(session);
  const stream = session.request({ ':path': '/api/v1/secrets' });
  const status = await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])));
  stream.resume();
  expect(status).toBe(403);
  await closed;
});

test('a connection has at most so many requests under way', async () => {
  const session = connectH2(`https://127.0.0.1:${cluster.port}`, { ca: cluster.authority.certificate });
  session.on('error', () => undefined);
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
  expect(session.remoteSettings.maxConcurrentStreams).toBeLessThanOrEqual(1000);
  session.destroy();
});

test('TLS before 1.2, and ciphers without forward secrecy or authentication, are refused', async () => {
  await expect(
    tls('http/1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
  ).rejects.toThrow();
  for (const ciphers of [
    'AES128-GCM-SHA256',
    'AES256-SHA',
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'NULL-SHA256',
    'AECDH-AES128-SHA',
  ]) {
    await expect(
      tls('http/1.1', { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }),
      ciphers,
    ).rejects.toThrow();
  }
  const good = await tls('http/1.1', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
  expect(good.getProtocol()).toBe('TLSv1.2');
  good.destroy();
});
