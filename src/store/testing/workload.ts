import type { Random } from '../../base/random.ts';
import type { HistoryOutcome, HistoryRequest } from './history.ts';
import type { RecordingClient } from './recording-client.ts';

/** What a client of the workload does. */
export interface WorkloadOptions {
  readonly client: RecordingClient;
  /** Few keys make conflicts. */
  readonly keys: readonly string[];
  /** What its lists ask for; none: it makes no lists. */
  readonly prefix?: string | undefined;
  readonly random: Random;
  /** Whether to go on; asked before each request. */
  readonly goOn: () => boolean;
  /** Awaited after an outcome that is `failed` or `unknown`, so that a store that is down is not asked without pause. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** What a client believes of a key: its revision, that it is not there, or that it has to look. */
type Belief = number | 'absent' | 'unsure';

/** Creates, updates, deletes, reads and lists at random, one request at a time, from what it has last seen of each key. */
export async function runWorkload({ client, keys, prefix, random, goOn, pause }: WorkloadOptions): Promise<void> {
  const beliefs = new Map<string, Belief>();
  while (goOn()) {
    const key = keys[Math.floor(random.next() * keys.length)]!;
    const request = choose(client, key, { belief: beliefs.get(key) ?? 'absent', prefix, dice: random.next() });
    const outcome = await client.send(request);
    learn(beliefs, request, outcome);
    if (outcome.type === 'failed' || outcome.type === 'unknown') await pause?.();
  }
}

interface Choice {
  readonly belief: Belief;
  readonly prefix: string | undefined;
  readonly dice: number;
}

function choose(client: RecordingClient, key: string, { belief, prefix, dice }: Choice): HistoryRequest {
  if (dice < 0.15 || belief === 'unsure') return { type: 'get', key };
  if (dice < 0.2 && prefix !== undefined) return { type: 'list', prefix };
  if (belief === 'absent') return { type: 'create', key, value: client.uniqueValue() };
  if (dice < 0.8) return { type: 'update', key, value: client.uniqueValue(), expected: belief };
  return { type: 'delete', key, expected: belief };
}

function learn(beliefs: Map<string, Belief>, request: HistoryRequest, outcome: HistoryOutcome): void {
  if (outcome.type === 'listed') for (const { key, revision } of outcome.items) beliefs.set(key, revision);
  if ('key' in request) beliefs.set(request.key, beliefAfter(request.type, outcome));
}

function beliefAfter(type: HistoryRequest['type'], outcome: HistoryOutcome): Belief {
  if (outcome.type === 'read') return outcome.found?.revision ?? 'absent';
  if (outcome.type === 'written') return type === 'delete' ? 'absent' : outcome.revision;
  return 'unsure';
}
