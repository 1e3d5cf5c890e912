import { createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Stream } from 'node:http2';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { StatusError } from '../base/errors.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { ConfigMap } from '../api/core/config-map.ts';
import { Pod } from '../api/core/pod.ts';
import { createHttpClient } from './http-client.ts';

type Handler = (
  stream: ServerHttp2Stream,
  request: { method: string; path: string; body: string; headers: Record<string, unknown> },
) => void;

async function serve(handler: Handler): Promise<{ url: string; server: Http2Server } & AsyncDisposable> {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    let body = '';
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
    stream.on('end', () =>
      handler(stream, { method: String(headers[':method']), path: String(headers[':path']), body, headers }),
    );
    stream.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    server,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(stream: ServerHttp2Stream, status: number, body: unknown, headers: Record<string, string> = {}): void {
  stream.respond({ ':status': status, 'content-type': 'application/json', ...headers });
  stream.end(JSON.stringify(body));
}

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' } };

test('create posts the object with its kind to its namespace and returns what the server stored', async () => {
  let seen: unknown;
  await using server = await serve((stream, { method, path, body }) => {
    seen = { method, path, body: JSON.parse(body) };
    answer(stream, 201, configMap);
  });
  await using client = createHttpClient({ servers: [server.url] });
  const created = await client.create(ConfigMap, { metadata: { name: 'a', namespace: 'b' } }, { dryRun: true });
  expect(created.metadata.name).toBe('a');
  expect(seen).toEqual({ method: 'POST', path: '/api/v1/namespaces/b/configmaps?dryRun=All', body: configMap });
});

test('a Status body becomes the StatusError it describes', async () => {
  await using server = await serve((stream) =>
    answer(stream, 404, new StatusError('NotFound', 'configmaps "a" not found', { details: { name: 'a' } }).toStatus()),
  );
  await using client = createHttpClient({ servers: [server.url] });
  await expect(client.get(ConfigMap, { namespace: 'b', name: 'a' })).rejects.toMatchObject({
    reason: 'NotFound',
    code: 404,
    message: 'configmaps "a" not found',
    details: { name: 'a' },
  });
});

test('a list gives its items their kind, which typed lists omit', async () => {
  await using server = await serve((stream) =>
    answer(stream, 200, { metadata: { resourceVersion: '5' }, items: [{ metadata: { name: 'a' } }] }),
  );
  await using client = createHttpClient({ servers: [server.url] });
  const list = await client.list(Pod, { labelSelector: 'a=b' });
  expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
});

test('a watch yields events across chunk borders and ends when the server ends it', async () => {
  await using server = await serve((stream) => {
    stream.respond({ ':status': 200 });
    const added = JSON.stringify({ type: 'ADDED', object: configMap });
    stream.write(added.slice(0, 20));
    stream.write(`${added.slice(20)}\n`);
    stream.end(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } })}\n`);
  });
  await using client = createHttpClient({ servers: [server.url] });
  const events = await Array.fromAsync(client.watch(ConfigMap));
  expect(events).toEqual([
    { type: 'ADDED', object: configMap },
    { type: 'BOOKMARK', resourceVersion: '9' },
  ]);
});

test('a watch throws Expired when the server reports that its version is gone', async () => {
  await using server = await serve((stream) =>
    answer(stream, 200, { type: 'ERROR', object: new StatusError('Expired', 'too old resource version').toStatus() }),
  );
  await using client = createHttpClient({ servers: [server.url] });
  await expect(Array.fromAsync(client.watch(ConfigMap))).rejects.toMatchObject({ reason: 'Expired' });
});

test('leaving a watch closes its stream at the server', async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await serve((stream) => {
    stream.on('close', () => closed.resolve());
    stream.respond({ ':status': 200 });
    stream.write(`${JSON.stringify({ type: 'ADDED', object: configMap })}\n`);
  });
  await using client = createHttpClient({ servers: [server.url] });
  for await (const event of client.watch(ConfigMap)) {
    expect(event.type).toBe('ADDED');
    break;
  }
  await closed.promise;
});

test('an aborted watch rejects with the reason of the abort', async () => {
  await using server = await serve((stream) => stream.respond({ ':status': 200 }));
  await using client = createHttpClient({ servers: [server.url] });
  const controller = new AbortController();
  const watching = Array.fromAsync(client.watch(ConfigMap, { signal: controller.signal }));
  controller.abort(new Error('enough'));
  await expect(watching).rejects.toThrow('enough');
});

test('429 with Retry-After is repeated after that time', async () => {
  let calls = 0;
  await using server = await serve((stream) => {
    calls++;
    if (calls === 1)
      answer(stream, 429, new StatusError('TooManyRequests', 'later').toStatus(), { 'retry-after': '1' });
    else answer(stream, 200, configMap);
  });
  const waits: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void waits.push(ms) };
  await using client = createHttpClient({ servers: [server.url] }, { clock });
  await client.get(ConfigMap, { namespace: 'b', name: 'a' });
  expect({ calls, waits }).toEqual({ calls: 2, waits: [1000] });
});

test('the next server is asked when the first cannot be reached', async () => {
  await using server = await serve((stream) => answer(stream, 200, configMap));
  await using client = createHttpClient({ servers: ['http://127.0.0.1:9', server.url] });
  expect((await client.get(ConfigMap, { namespace: 'b', name: 'a' })).metadata.name).toBe('a');
});

test('an unreachable server is ServiceUnavailable with the cause', async () => {
  await using client = createHttpClient({ servers: ['http://127.0.0.1:9'] });
  const failure = client.get(ConfigMap, { namespace: 'b', name: 'a' });
  await expect(failure).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  await expect(failure).rejects.toThrow(/ECONNREFUSED/);
});

test('the client connects anew after the server has dropped the connection', async () => {
  await using server = await serve((stream, { path }) => {
    if (path === '/drop') stream.session?.destroy();
    else answer(stream, 200, configMap);
  });
  await using client = createHttpClient({ servers: [server.url] });
  await client.get(ConfigMap, { namespace: 'b', name: 'a' });
  await expect(client.request({ method: 'POST', path: '/drop' })).rejects.toMatchObject({
    reason: 'ServiceUnavailable',
  });
  expect((await client.get(ConfigMap, { namespace: 'b', name: 'a' })).metadata.name).toBe('a');
});

test('many watches at once spread over several connections', async () => {
  let sessions = 0;
  await using server = await serve((stream) => {
    stream.respond({ ':status': 200 });
    stream.write(`${JSON.stringify({ type: 'ADDED', object: configMap })}\n`);
  });
  server.server.on('session', () => sessions++);
  await using client = createHttpClient({ servers: [server.url] });
  const stop = new AbortController();
  const firsts = Array.from({ length: 200 }, async () => {
    for await (const event of client.watch(ConfigMap, { signal: stop.signal })) return event.type;
    return undefined;
  });
  expect(new Set(await Promise.all(firsts))).toEqual(new Set(['ADDED']));
  expect(sessions).toBeGreaterThan(1);
});

test('a watch on a connection that is dead without a word fails within five seconds, a silent one never', async () => {
  await using server = await serve((stream, { path }) => {
    stream.respond({ ':status': 200 });
    if (path === '/echo') stream.end();
  });
  await using line = await breakableLine(Number(new URL(server.url).port));
  const clock = new FakeClock();
  await using client = createHttpClient({ servers: [line.url] }, { clock });
  const { body } = await client.request({ path: '/api/v1/pods?watch=true' });
  body.resume();
  let failure: unknown;
  const failed = new Promise<void>((resolve) => body.once('error', (error) => resolve(void (failure = error))));
  // What is answered later on the same connection has let every ping pass.
  await clock.advance(60_000, async () => void (await client.text({ path: '/echo' })));
  expect(failure).toBeUndefined();
  line.break();
  await clock.advance(5_000);
  await failed;
  expect(failure).toMatchObject({ message: 'http2: client connection lost' });
});

test('a server that says nothing from the start is given up after ten seconds, and keeps no client from ending', async () => {
  const ends: Socket[] = [];
  const silent = createTcpServer((socket) => void ends.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const clock = new FakeClock();
  await using client = createHttpClient({ servers: [url] }, { clock });
  const asked = expect(client.text({ path: '/echo' })).rejects.toThrow('i/o timeout');
  await clock.advance(10_000);
  await asked;
  const again = expect(client.text({ path: '/echo' })).rejects.toThrow();
  await client[Symbol.asyncDispose]();
  await clock.advance(10_000);
  await again;
  for (const end of ends) end.destroy();
  await new Promise<void>((resolve) => silent.close(() => resolve()));
});

/** A TCP connection to `port` that can be broken so that neither side hears of it. */
async function breakableLine(port: number): Promise<{ url: string; break(): void } & AsyncDisposable> {
  const ends: Socket[] = [];
  let broken = false;
  const line = createTcpServer((near) => {
    const far = connect(port, '127.0.0.1');
    ends.push(near, far);
    near.on('data', (data) => void (broken || far.write(data)));
    far.on('data', (data) => void (broken || near.write(data)));
    for (const end of [near, far]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    break: () => void (broken = true),
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy();
      await new Promise<void>((resolve) => line.close(() => resolve()));
    },
  };
}
