/**
 * A process that asks a server for as much as it can: every client has a connection of its own and sends its next requests
 * as soon as it has answers. Its parent sends one FloodOrder, and hears of FloodReports: one when all are connected, one
 * when it has told it to stop.
 */
import { H2Connection } from './h2-connection.ts';
import type { LoadRequest } from './h2-connection.ts';

/** What is to be done. */
export interface FloodOrder {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly namespace: string;
  readonly clients: number;
  /** Requests that each client has under way. */
  readonly streams: number;
}

/** What came of it. */
export interface FloodReport {
  readonly answered: number;
  /** With status 429. */
  readonly refused: number;
  /** Otherwise. */
  readonly failed: number;
  readonly seconds: number;
}

const value = 'x'.repeat(1000);
/** Creates that may be under way. */
const notYet = 500;
let answered = 0;
let refused = 0;
let failed = 0;
let created = 0;
const ended = new AbortController();

/** A tenth lists of 500 objects, the rest creates, patches and gets in equal parts. */
function requestOf(index: number, path: string): LoadRequest {
  const kind = index % 10;
  if (kind === 0) return { path: `${path}?limit=500` };
  // The latest may not be there yet.
  const object = `${path}/f${(index * 7919) % Math.max(1, created - notYet)}`;
  const creates = kind < 4 || created < notYet * 2;
  const headers = { 'content-type': creates ? 'application/json' : 'application/merge-patch+json' };
  if (creates) {
    return {
      method: 'POST',
      path,
      headers,
      body: JSON.stringify({ metadata: { name: `f${created++}` }, data: { value } }),
    };
  }
  if (kind < 7) return { method: 'PATCH', path: object, headers, body: JSON.stringify({ data: { n: String(index) } }) };
  return { path: object };
}

async function flood(order: FloodOrder): Promise<void> {
  const { url, ca, cert, key, namespace, clients, streams } = order;
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const connections: H2Connection[] = [];
  for (let index = 0; index < clients; index++) connections.push(await H2Connection.open(url, { ca, cert, key }));
  const started = performance.now();
  process.send?.({ answered, refused, failed, seconds: 0 } satisfies FloodReport);
  let sent = 0;
  const client = async (connection: H2Connection): Promise<void> => {
    while (!ended.signal.aborted) {
      await connection.request(requestOf(sent++, path)).then(
        () => answered++,
        (error: unknown) => (String(error).endsWith('429') ? refused++ : failed++),
      );
    }
  };
  const busy = connections.flatMap((connection) => Array.from({ length: streams }, () => client(connection)));
  await Promise.all(busy);
  process.send?.({ answered, refused, failed, seconds: (performance.now() - started) / 1000 } satisfies FloodReport);
  for (const connection of connections) connection[Symbol.dispose]();
}

process.once('message', (order) => {
  process.once('message', () => ended.abort());
  void flood(order as FloodOrder).finally(() => process.disconnect());
});
