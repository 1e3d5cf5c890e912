/**
 * What Node's HTTP/2 alone can do on this machine: the same port, the same bodies, no API. Every path is the length of a
 * body: `/get/1300`; under `/post` it is answered once the request's own has come. `/watch/1300` never ends: one event of that size to all who watch, for every POST of `/event`.
 */
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { DEFAULT_CIPHERS } from 'node:tls';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

const [, , cert = '', key = ''] = process.argv;
const bodies = new Map<string, Buffer>();
const watchers = new Set<ServerHttp2Stream>();

function bodyOf(length: string): Buffer {
  let body = bodies.get(length);
  if (!body) bodies.set(length, (body = Buffer.concat([Buffer.alloc(Number(length) - 1, 'x'), Buffer.from('\n')])));
  return body;
}

const server = createSecureServer({
  // As the API server prefers it.
  ciphers: `TLS_AES_128_GCM_SHA256:${DEFAULT_CIPHERS}`,
  cert: readFileSync(cert),
  key: readFileSync(key),
  // Else Node refuses streams while large answers wait.
  maxSessionMemory: 1024,
  settings: { maxConcurrentStreams: 1000, initialWindowSize: 1024 * 1024 },
});
server.on('stream', (stream, headers) => {
  const [, what = '', length = '1'] = (headers[':path'] ?? '').split('/');
  stream.on('error', () => undefined);
  if (what === 'watch') {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    watchers.add(stream);
    stream.on('close', () => watchers.delete(stream));
    return;
  }
  if (what === 'post') {
    stream.on('end', () => answer(stream, length)).resume();
    return;
  }
  answer(stream, length);
  if (what === 'event') for (const watcher of watchers) watcher.write(bodyOf('1300'));
  if (!stream.endAfterHeaders) stream.resume();
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));

function answer(stream: ServerHttp2Stream, length: string): void {
  const body = bodyOf(length);
  stream.respond([
    ':status',
    '200',
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
  ] as never);
  stream.end(body);
}
