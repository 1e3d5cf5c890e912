/**
 * A process for the crash test: eight clients and a watcher at work on a store in SQLite until it is killed, everything
 * written down, a line of JSON each, on its output. Arguments: the file, a name for this run, the revision after which to
 * watch, a seed, the prefix of its keys, the URL of the store's thread, how far its index may be behind.
 */
import { writeSync } from 'node:fs';
import { seededRandom } from '../../base/random.ts';
import { openSqliteStore } from '../sqlite-store.ts';
import type { HistoryEntry } from './history.ts';
import { RecordingClient, recordWatch } from './recording-client.ts';
import { runWorkload } from './workload.ts';

const [path = '', run = '', after = '', seed = '', prefix = '', worker = '', lag = ''] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const keys = Array.from({ length: 8 }, (_, index) => `${prefix}${index}`);
const record = (entry: HistoryEntry): void => write(`${JSON.stringify(entry)}\n`);

// Room for the kill to come while the file is being opened.
write('\n');
const store = await openSqliteStore({ path, worker: new URL(worker), indexLag: Number(lag) });
recordWatch({ store, name: 'all', prefix: '', after: Number(after), record });
const size = (): number => Math.floor(random.next() ** 4 * 40_000);
const clientNamed = (name: string): RecordingClient => new RecordingClient({ store, name, record, size });
// What was there before the kill is looked at before anything changes.
await clientNamed(`${run}.start`).send({ type: 'list', prefix });

async function compactNowAndThen(): Promise<void> {
  for (;;) {
    // Below what the watcher has heard, for it has to go on from there in the next run.
    const revision = (await store.revision()) - 200;
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (revision > Number(after)) await store.compact(revision);
  }
}

void compactNowAndThen();
await Promise.all(
  Array.from({ length: 8 }, (_, index) =>
    runWorkload({ client: clientNamed(`${run}.${index}`), keys, prefix, random, goOn: () => true }),
  ),
);

/** Returns when all is in the pipe, which outlives its writer. */
function write(text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      // The reader is slower: wait for it, a millisecond at a time.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
