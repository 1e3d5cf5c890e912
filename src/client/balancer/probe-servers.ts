import type { Clock } from '../../base/clock.ts';
import { derivedConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { createHttpClient } from '../http-client.ts';
import type { HttpClient } from '../http-client.ts';
import { StatusError } from '../../base/errors.ts';
import type { ServerList } from './server-list.ts';

/** What probing needs. */
export interface ProbeOptions {
  /** Who asks, and whom it trusts; its servers are not used. */
  readonly connection: Connection;
  /** Default: https. */
  readonly scheme?: 'http' | 'https' | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const pause = 1_000;
/** After a miss the question is repeated sooner: two misses take less than five seconds altogether. */
const pauseAfterMiss = 300;
const patience = 1_200;

/** Asks each server of the list again and again whether it is ready, until aborted. Never rejects. */
export async function probeServers(list: ServerList, options: ProbeOptions): Promise<void> {
  const { clock, signal } = options;
  const clients = new Map<string, HttpClient>();
  while (!signal.aborted) {
    for (const [server, client] of clients) {
      if (list.all.includes(server)) continue;
      clients.delete(server);
      void client[Symbol.asyncDispose]();
    }
    const answers = await Promise.all(
      list.all.map((server) => {
        const client = clients.get(server) ?? clientOf(server, options);
        clients.set(server, client);
        return probe(list, { server, client }, options);
      }),
    );
    await clock.sleep(answers.every(Boolean) ? pause : pauseAfterMiss, signal).catch(() => undefined);
  }
  await Promise.all([...clients.values()].map((client) => client[Symbol.asyncDispose]()));
}

function clientOf(server: string, { connection, scheme = 'https', clock }: ProbeOptions): HttpClient {
  return createHttpClient(derivedConnection(connection, { servers: [`${scheme}://${server}`] }), { clock });
}

/** Whether the server answered, or is known not to. */
async function probe(
  list: ServerList,
  asked: { readonly server: string; readonly client: HttpClient },
  options: ProbeOptions,
): Promise<boolean> {
  const { server } = asked;
  const wasGone = list.health(server) === 'gone';
  // Whether it lives is asked apart from whether it is ready: with a store that is slow a server is not dead.
  const life = await ask('/livez/ping', asked, options);
  if (options.signal.aborted) return true;
  if (life === 'refused' || life === 'silent') {
    list.missed(server, life);
    return wasGone;
  }
  const readiness = await ask('/readyz', asked, options);
  list.answered(server, readiness === 'yes' ? 'ready' : 'unready');
  return true;
}

async function ask(
  path: string,
  { client }: { readonly client: HttpClient },
  { clock, signal }: ProbeOptions,
): Promise<'yes' | 'no' | 'refused' | 'silent'> {
  const late = new AbortController();
  using _timer = clock.after(patience, () => late.abort(new Error('no answer in time')));
  try {
    await client.text({ path, signal: AbortSignal.any([signal, late.signal]) });
    return 'yes';
  } catch (error) {
    if (late.signal.aborted) return 'silent';
    // What could not be sent has a cause; an answer has none.
    return error instanceof StatusError && error.cause === undefined ? 'no' : 'refused';
  }
}
