/**
 * How fast the API server is over HTTPS, on ConfigMaps of 1 KB in an SQLite store: `node bench/api.ts [seconds]`. The server
 * runs in a process of its own; all clients in this one, over four HTTP/2 connections.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { httpsTestServer } from '../src/apiserver/testing/https-server.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';

const collection = '/api/v1/namespaces/default/configmaps';
const value = 'x'.repeat(1000);

interface Address {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

async function serve(path: string): Promise<void> {
  const started = performance.now();
  const store = await openSqliteStore({ path });
  const server = await httpsTestServer({ store });
  process.send?.({ url: server.url, ca: server.authority.cert, ...server.admin });
  process.on('message', () => {
    process.send?.({ rss: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed });
  });
  process.on('disconnect', () => process.exit(0));
  console.log(`ready after                 ${Math.round(performance.now() - started)} ms (certificates included)`);
}

class Load {
  readonly #sessions: readonly ClientHttp2Session[];
  #next = 0;

  constructor({ url, ...tls }: Address) {
    this.#sessions = Array.from({ length: 4 }, () => connect(url, tls));
  }

  session(): ClientHttp2Session {
    return this.#sessions[this.#next++ % this.#sessions.length]!;
  }

  request(method: string, path: string, body?: string, type = 'application/json'): Promise<number> {
    return new Promise((resolve, reject) => {
      const stream = this.session().request({ ':method': method, ':path': path, 'content-type': type });
      let length = 0;
      let status = 0;
      stream.on('response', (headers) => (status = Number(headers[':status'])));
      stream.on('data', (chunk: Buffer) => (length += chunk.length));
      stream.on('error', reject);
      stream.on('end', () => (status < 400 ? resolve(length) : reject(new Error(`${method} ${path}: ${status}`))));
      stream.end(body);
    });
  }

  /** Keeps `clients` requests under way for some seconds; the number per second. */
  async rate(clients: number, seconds: number, one: (i: number) => Promise<unknown>): Promise<number> {
    const started = performance.now();
    const end = started + seconds * 1000;
    let count = 0;
    const run = async (): Promise<void> => {
      while (performance.now() < end) await one(count++);
    };
    await Promise.all(Array.from({ length: clients }, run));
    return count / ((performance.now() - started) / 1000);
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}

async function watchers(load: Load, count: number, updates: number): Promise<number> {
  let heard = 0;
  let opened = 0;
  const streams = Array.from({ length: count }, () => {
    const stream = load
      .session()
      .request({ ':path': `${collection}?watch=1&fieldSelector=metadata.name%3Dwatched&resourceVersion=0` });
    stream.on('response', () => opened++);
    stream.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) heard++;
    });
    return stream;
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };
  await until(() => opened === count && heard >= count);
  heard = 0;
  const started = performance.now();
  for (let i = 0; i < updates; i += 10) {
    await Promise.all(
      Array.from({ length: 10 }, (_, j) => {
        const body = JSON.stringify({ data: { n: String(i + j) } });
        return load.request('PATCH', `${collection}/watched`, body, 'application/merge-patch+json');
      }),
    );
  }
  await until(() => heard >= count * updates);
  const rate = heard / ((performance.now() - started) / 1000);
  for (const stream of streams) stream.close();
  return rate;
}

function memory(child: ChildProcess): Promise<{ rss: number; heap: number }> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as { rss: number; heap: number }));
    child.send('memory');
  });
}

async function measure(seconds: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kubets-bench-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve', join(directory, 'state.db')]);
  const address = await new Promise<Address>((resolve) =>
    child.once('message', (message) => resolve(message as Address)),
  );
  const load = new Load(address);
  const show = (what: string, rate: number, unit = '/s'): void =>
    console.log(`${what.padEnd(28)}${Math.round(rate)} ${unit}`);
  const mb = async (): Promise<string> => {
    const { rss, heap } = await memory(child);
    return `${Math.round(rss / 1e6)} MB (heap ${Math.round(heap / 1e6)} MB)`;
  };
  console.log(`memory idle                 ${await mb()}`);
  let made = 0;
  const create = (): Promise<number> => {
    const name = `c${made++}`;
    return load.request(
      'POST',
      collection,
      JSON.stringify({ metadata: { name, labels: { ten: String(made % 10) } }, data: { value } }),
    );
  };
  show('create, 1 client', await load.rate(1, seconds, create));
  show('create, 64 clients', await load.rate(64, seconds, create));
  show('get, 1 client', await load.rate(1, seconds, (i) => load.request('GET', `${collection}/c${i % made}`)));
  show('get, 64 clients', await load.rate(64, seconds, (i) => load.request('GET', `${collection}/c${i % made}`)));
  const patch = (i: number): Promise<number> =>
    load.request(
      'PATCH',
      `${collection}/c${i % made}`,
      JSON.stringify({ data: { n: String(i) } }),
      'application/merge-patch+json',
    );
  show('merge patch, 64 clients', await load.rate(64, seconds, patch));
  show('list of 500', await load.rate(4, seconds, () => load.request('GET', `${collection}?limit=500`)));
  show(`list of all ${made}`, await load.rate(2, seconds, () => load.request('GET', collection)));
  show(
    'a tenth by label',
    await load.rate(4, seconds, () => load.request('GET', `${collection}?labelSelector=ten%3D3`)),
  );
  await load.request('POST', collection, JSON.stringify({ metadata: { name: 'watched' }, data: { value } }));
  show('200 watchers, 1,000 updates', await watchers(load, 200, 1000), 'events/s');
  console.log(`memory with ${made} objects  ${await mb()}`);
  let gone = 0;
  const started = performance.now();
  const removeAll = async (): Promise<void> => {
    while (gone < made) await load.request('DELETE', `${collection}/c${gone++}`);
  };
  await Promise.all(Array.from({ length: 64 }, removeAll));
  show('delete, 64 clients', made / ((performance.now() - started) / 1000));
  load.close();
  child.disconnect();
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(directory, { recursive: true, force: true });
}

const [, , mode = '3', path = ''] = process.argv;
if (mode === 'serve') await serve(path);
else await measure(Number(mode));
