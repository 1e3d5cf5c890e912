import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { seededRandom } from '../../src/base/random.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { Dice, malformedRequests } from './malformed-requests.ts';
import type { FuzzRequest } from './malformed-requests.ts';

const total = 100_000;
/** Milliseconds after which a request counts as hanging. */
const patience = 20_000;

let cluster: HttpsCluster;
let session: ClientHttp2Session;

beforeAll(async () => {
  cluster = await httpsCluster();
  await cluster.client.create(ConfigMap, { metadata: { name: 'existing', namespace: 'default' }, data: { k: 'v' } });
  const { ca, certificate } = cluster.connection;
  session = connect(cluster.url, { ca, ...certificate });
});

afterAll(async () => {
  session.close();
  await cluster[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: false });
    const chunks: Buffer[] = [];
    let status = 0;
    stream.setTimeout(patience, () => stream.destroy(new Error('the request hangs')));
    stream.on('response', (head) => (status = Number(head[':status'])));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => resolve({ status, body: Buffer.concat(chunks).toString() }));
    stream.end(body);
  });
}

/** What is wrong with an answer to a malformed request; undefined: nothing. */
function complaint({ status, body }: Answer): string | undefined {
  if (status < 400 || status > 499) return `answered ${status}`;
  try {
    const parsed = JSON.parse(body) as { readonly kind?: string; readonly code?: number; readonly status?: string };
    if (parsed.kind === 'Status' && parsed.code === status && parsed.status === 'Failure') return undefined;
    return 'the body is no Status of this code';
  } catch {
    return 'the body is not JSON';
  }
}

function shown(name: string, { method, path, headers, body }: FuzzRequest): string {
  const text = body === undefined ? '' : Buffer.from(body).subarray(0, 200).toString('latin1');
  return `${name}: ${method} ${path.slice(0, 200)} ${JSON.stringify(headers ?? {})} ${text}`;
}

async function storm(count: number, seed: number): Promise<readonly string[]> {
  const dice = new Dice(seededRandom(seed));
  const wheel = Object.entries(malformedRequests).flatMap(([name, { make, share }]) =>
    Array.from({ length: share }, () => ({ name, make })),
  );
  const complaints = new Map<string, string>();
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < count) {
      sent++;
      const { name, make } = dice.pick(wheel);
      const request = make(dice);
      const answer = await send(request).catch((error: unknown) => ({ status: 0, body: String(error) }));
      const wrong = complaint(answer);
      const kind = `${name} ${wrong}`;
      if (wrong && !complaints.has(kind)) {
        complaints.set(kind, `${shown(name, request)}\n   ${wrong}: ${answer.body.slice(0, 300)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return [...complaints.values()];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapInUse(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test(
  `${total} malformed requests are refused with a Status, and leave nothing behind`,
  { timeout: 600_000 },
  async () => {
    // What is compiled and cached on first use is there after the first part.
    expect(await storm(total / 5, 1)).toEqual([]);
    const before = heapInUse();
    expect(await storm((total * 4) / 5, 2)).toEqual([]);
    // 80,000 requests that each left a hundred bytes would show.
    expect(heapInUse() - before).toBeLessThan(8_000_000);
    const { items } = await cluster.client.list(ConfigMap, { namespace: 'default' });
    expect(items.map(({ data }) => data)).toEqual([{ k: 'v' }]);
  },
);
