import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../base/fake-clock.ts';
import { SpdyConnection, SpdyConnectionClosed } from './spdy-connection.ts';
import type { SpdyConnectionOptions } from './spdy-connection.ts';
import { SpdyFrameParser } from './frame-parser.ts';
import { dataHeader, pingFrame, rstStreamFrame, synReplyFrame, windowUpdateFrame } from './frames.ts';
import type { SpdyFrame } from './frames.ts';
import { HeaderCompressor } from './header-codec.ts';
import { SpdyStreamReset } from './spdy-stream.ts';
import type { SpdyStream } from './spdy-stream.ts';

interface Pair extends AsyncDisposable {
  readonly client: SpdyConnection;
  readonly server: SpdyConnection;
  /** The next stream that the client opens. */
  accepted(): Promise<SpdyStream>;
}

async function tcpPair(options: Partial<SpdyConnectionOptions> = {}): Promise<Pair> {
  const listener = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as net.AddressInfo;
  const connected = once(listener, 'connection');
  const near = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await connected) as [net.Socket];
  listener.close();
  return pairOver(near, far, options);
}

function pairOver(near: Duplex, far: Duplex, options: Partial<SpdyConnectionOptions> = {}): Pair {
  const streams: SpdyStream[] = [];
  const waiting: ((stream: SpdyStream) => void)[] = [];
  const onStream = (stream: SpdyStream): void => {
    const next = waiting.shift();
    if (next) next(stream);
    else streams.push(stream);
  };
  const server = new SpdyConnection(far, { onStream, ...options, role: 'server' });
  const client = new SpdyConnection(near, { ...options, role: 'client' });
  return {
    client,
    server,
    accepted: () => {
      const stream = streams.shift();
      return stream ? Promise.resolve(stream) : new Promise((resolve) => waiting.push(resolve));
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

test('a stream carries headers and bytes both ways, each side ending on its own', async () => {
  await using pair = await tcpPair();
  const opened = pair.client.openStream({ streamtype: 'data', port: '80', multi: ['a', 'b'] });
  const far = await pair.accepted();
  const near = await opened;
  expect({ ...far.headers }).toEqual({ streamtype: 'data', port: '80', multi: ['a', 'b'] });
  expect(far.header('multi')).toBe('a');

  near.end('question');
  expect(await text(far)).toBe('question');
  far.end('answer');
  expect(await text(near)).toBe('answer');
});

test('header compression keeps its context over many streams opened at once', async () => {
  await using pair = await tcpPair();
  const numbers = Array.from({ length: 50 }, (_, i) => String(i));
  const near = await Promise.all(numbers.map((n) => pair.client.openStream({ streamtype: 'data', requestid: n })));
  const far: SpdyStream[] = [];
  for (const _ of numbers) far.push(await pair.accepted());
  expect(far.map((stream) => stream.header('requestid'))).toEqual(numbers);
  expect(near.map((stream) => stream.id)).toEqual(numbers.map((_, i) => 1 + 2 * i));
});

test('the server may open streams too', async () => {
  const [near, far] = duplexPair();
  let accepted: SpdyStream | undefined;
  await using client = new SpdyConnection(near, { role: 'client', onStream: (stream) => void (accepted = stream) });
  await using server = new SpdyConnection(far, { role: 'server' });
  const stream = await server.openStream({ a: 'b' });
  expect(stream.id).toBe(2);
  stream.end('x');
  expect(await text(accepted!)).toBe('x');
  expect(client.error).toBeUndefined();
});

test('a hundred megabytes pass unharmed while the window stays far smaller', async () => {
  await using pair = await tcpPair({ streamWindow: 256 * 1024 });
  const near = await pair.client.openStream({});
  const far = await pair.accepted();
  const block = randomBytes(1024 * 1024);
  const sending = (async () => {
    for (let i = 0; i < 100; i++) if (!near.write(block)) await once(near, 'drain');
    near.end();
  })();
  let received = 0;
  let equal = true;
  for await (const part of far as AsyncIterable<Buffer>) {
    for (let at = 0; at < part.length;) {
      const offset = (received + at) % block.length;
      const length = Math.min(part.length - at, block.length - offset);
      equal &&= part.subarray(at, at + length).equals(block.subarray(offset, offset + length));
      at += length;
    }
    received += part.length;
  }
  await sending;
  expect(received).toBe(100 * 1024 * 1024);
  expect(equal).toBe(true);
});

test('a sender is held back when nobody reads, and other streams go on', async () => {
  await using pair = await tcpPair({ streamWindow: 64 * 1024 });
  const slow = await pair.client.openStream({ name: 'slow' });
  const slowFar = await pair.accepted();
  const quick = await pair.client.openStream({ name: 'quick' });
  const quickFar = await pair.accepted();
  slow.write(Buffer.alloc(10 * 1024 * 1024));
  quick.end('still here');
  expect(await text(quickFar)).toBe('still here');
  expect(slowFar.readableLength).toBeLessThanOrEqual(64 * 1024 * 3);
  expect(slow.writableLength).toBeGreaterThan(0);
  slow.end();
  expect((await buffer(slowFar)).length).toBe(10 * 1024 * 1024);
});

test('a refused stream rejects, and the session goes on', async () => {
  await using pair = await tcpPair({ onStream: (stream) => stream.header('wanted') === 'yes' });
  await expect(
    pair.client
      .openStream({ wanted: 'no' })
      .then((stream) => closed(stream).then(() => Promise.reject(stream.errored))),
  ).rejects.toBeInstanceOf(SpdyStreamReset);
  expect((await pair.client.openStream({ wanted: 'yes' })).destroyed).toBe(false);
});

test('destroying a stream resets it at the other side, which keeps what it had received', async () => {
  await using pair = await tcpPair();
  const near = await pair.client.openStream({});
  const far = await pair.accepted();
  await new Promise((resolve) => near.write('last words', resolve));
  near.destroy();
  const parts: Buffer[] = [];
  await expect(
    (async () => {
      for await (const part of far as AsyncIterable<Buffer>) parts.push(part);
      await closed(far);
      throw far.errored;
    })(),
  ).rejects.toBeInstanceOf(SpdyStreamReset);
  expect(Buffer.concat(parts).toString()).toBe('last words');
});

test('closing one end ends all streams and the other end', async () => {
  await using pair = await tcpPair();
  const near = await pair.client.openStream({});
  const far = await pair.accepted();
  const gone = closed(far);
  await pair.client.close();
  await gone;
  await pair.server.closed;
  expect(near.destroyed).toBe(true);
  await expect(pair.client.openStream({})).rejects.toBeInstanceOf(SpdyConnectionClosed);
  await expect(pair.server.ping()).rejects.toBeInstanceOf(SpdyConnectionClosed);
});

test('a session cut in the middle fails its streams and pending openings', async () => {
  const [near, far] = duplexPair();
  far.resume();
  const client = new SpdyConnection(near, { role: 'client' });
  const opening = client.openStream({});
  near.destroy();
  await expect(opening).rejects.toBeInstanceOf(SpdyConnectionClosed);
  await client.closed;
});

test('opening can be given up by signal', async () => {
  const [near, far] = duplexPair();
  far.resume();
  const client = new SpdyConnection(near, { role: 'client' });
  const abort = new AbortController();
  const opening = client.openStream({}, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  near.destroy();
});

test('pings are answered, and sent at the interval', async () => {
  const clock = new FakeClock();
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, { role: 'client', pingIntervalMs: 5_000, clock });
  const frames = framesOf(far);
  await clock.advance(5_000);
  const ping = await frames.find((frame) => frame.type === 'ping');
  expect(ping).toEqual({ type: 'ping', id: 1 });
  const asked = client.ping();
  await frames.find((frame) => frame.type === 'ping');
  far.write(pingFrame(3));
  await asked;
  far.write(pingFrame(2));
  expect(await frames.find((frame) => frame.type === 'ping')).toEqual({ type: 'ping', id: 2 });
  near.destroy();
});

test('after GOAWAY open streams go on and new ones are refused', async () => {
  await using pair = await tcpPair();
  const near = await pair.client.openStream({});
  const far = await pair.accepted();
  pair.server.goAway();
  far.end('more');
  expect(await text(near)).toBe('more');
  await expect(pair.client.openStream({})).rejects.toBeInstanceOf(SpdyConnectionClosed);
});

test('a peer without flow control is never waited for', async () => {
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, { role: 'client' });
  const frames = framesOf(far);
  const stream = await openBy(far, client);
  stream.end(Buffer.alloc(5 * 1024 * 1024));
  let bytes = 0;
  await frames.find((frame) => {
    if (frame.type === 'data') bytes += frame.payload.length;
    return frame.type === 'data' && frame.fin;
  });
  expect(bytes).toBe(5 * 1024 * 1024);
  far.destroy();
});

test('a peer with flow control gets exactly what it grants', async () => {
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, { role: 'client' });
  const frames = framesOf(far);
  const stream = await openBy(far, client);
  far.write(windowUpdateFrame(1, 10));
  far.write(pingFrame(2));
  await frames.find((frame) => frame.type === 'ping');
  stream.end(Buffer.alloc(200_000));
  let bytes = 0;
  const count = (total: number): Promise<SpdyFrame> =>
    frames.find((frame) => {
      if (frame.type === 'data') bytes += frame.payload.length;
      return bytes >= total;
    });
  await count(65_536);
  far.write(pingFrame(4));
  await frames.find((frame) => frame.type === 'ping');
  expect(bytes).toBe(65_536);
  far.write(windowUpdateFrame(0, 1_000_000));
  await count(65_546);
  expect(bytes).toBe(65_546);
  far.write(windowUpdateFrame(1, 200_000));
  await count(200_000);
  expect(bytes).toBe(200_000);
  far.destroy();
});

test('a peer that floods a stream is not read from until the stream is', async () => {
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, { role: 'client', streamWindow: 64 * 1024 });
  framesOf(far);
  const stream = await openBy(far, client);
  const payload = Buffer.alloc(32 * 1024);
  let accepted = 0;
  while (far.write(dataHeader(1, payload.length, false)) && far.write(payload)) accepted++;
  for (; accepted < 100; accepted++) {
    far.write(dataHeader(1, payload.length, false));
    far.write(payload);
  }
  expect(far.writableLength).toBeGreaterThan(0);
  let bytes = 0;
  stream.on('data', (part: Buffer) => (bytes += part.length));
  far.write(dataHeader(1, 0, true));
  await once(stream, 'end');
  expect(bytes).toBeGreaterThanOrEqual(100 * payload.length);
  expect(stream.readableLength).toBe(0);
  far.destroy();
});

test('a peer that does not speak SPDY is told so and dropped', async () => {
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, { role: 'client' });
  const frames = framesOf(far);
  far.write(Buffer.from('\x80HTTP/1.1 400 Bad Request\r\n\r\n', 'latin1'));
  expect(await frames.find((frame) => frame.type === 'goAway')).toMatchObject({ code: 1 });
  await client.closed;
  expect(client.error?.message).toMatch(/unsupported SPDY version/);
});

test('a reset names its code', async () => {
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, { role: 'client' });
  framesOf(far);
  const stream = await openBy(far, client);
  far.write(rstStreamFrame(1, 5));
  await closed(stream);
  expect(stream.errored).toMatchObject({ name: 'SpdyStreamReset', code: 5 });
  far.destroy();
});

/** Waits until a stream is over, in order or not. */
function closed(stream: SpdyStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', resolve);
  });
}

/** Answers the SYN_STREAM of the first stream that `client` opens. */
async function openBy(far: Duplex, client: SpdyConnection): Promise<SpdyStream> {
  using compressor = new HeaderCompressor();
  const opening = client.openStream({});
  far.write(synReplyFrame(1, await compressor.compress({})));
  return opening;
}

/** Reads frames off a raw transport. */
function framesOf(far: Duplex): { find(wanted: (frame: SpdyFrame) => boolean): Promise<SpdyFrame> } {
  const parser = new SpdyFrameParser();
  const frames: SpdyFrame[] = [];
  let wake: (() => void) | undefined;
  far.on('data', (chunk: Buffer) => {
    frames.push(...parser.push(chunk));
    wake?.();
  });
  far.on('error', () => undefined);
  return {
    async find(wanted) {
      for (;;) {
        for (let frame = frames.shift(); frame; frame = frames.shift()) if (wanted(frame)) return frame;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
