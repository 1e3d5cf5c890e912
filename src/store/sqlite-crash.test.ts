import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { checkHistory } from './testing/check-history.ts';
import { History } from './testing/history.ts';
import { RecordingClient, recordWatch } from './testing/recording-client.ts';

const kills = 504;
/** Files that are written and killed side by side: a process that is starting has a core for itself no more than on a server. */
const lanes = 4;
/** The keys are new every so many kills, so that what is told of a key does not grow too long to be checked quickly. */
const killsPerKeys = 6;
/** How far the index of each file may be behind: kills come while it catches up, or it never does until the file is opened. */
const indexLags = [1, 20, 100, 1e9] as const;
/** Bytes of its history that a process writes at most before it is killed: some hundred requests. */
const longest = 40_000;

let directory: string;
let program: string;
let worker: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kubets-crash-'));
  // The source without types, for half of the time of starting from it would go into leaving them out.
  await build({
    entryPoints: ['testing/crash-writer.ts', 'sqlite-worker.ts'].map((file) => join(import.meta.dirname, file)),
    outdir: directory,
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  program = join(directory, 'crash-writer.mjs');
  worker = pathToFileURL(join(directory, 'sqlite-worker.mjs')).href;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a store that is killed with kill -9 again and again while eight clients write', () => {
  test.concurrent.each(Array.from({ length: lanes }, (_, lane) => lane))(
    'loses nothing, tears nothing, uses no revision twice; its watcher hears all, in order, once (file %i)',
    { timeout: 600_000 },
    async (lane) => {
      const random = seededRandom(lane + 1);
      const path = join(directory, `${lane}.db`);
      const history = new History();
      let writing = 0;
      for (let run = 0; run < kills / lanes; run++) {
        const lines = await writeUntilKilled({
          path,
          run,
          random,
          after: history.reached('all'),
          indexLag: indexLags[lane]!,
        });
        history.addLines(lines.trimStart());
        if (lines.includes('"written"')) writing++;
      }
      await readToTheEnd(path, history);
      expect(checkHistory(history, { consecutive: true, watchedToTheEnd: true })).toEqual([]);
      // The test would be worth nothing if the processes did not get to write.
      expect(writing).toBeGreaterThan((kills / lanes) * 0.5);
      expect(history.operations.filter(({ outcome }) => outcome.type === 'unknown').length).toBeGreaterThan(writing);
    },
  );
});

interface Run {
  readonly path: string;
  readonly run: number;
  readonly random: Random;
  readonly after: number;
  readonly indexLag: number;
}

/** What the process wrote down until it was killed: at any moment, some while they open the file. */
async function writeUntilKilled({ path, run, random, after, indexLag }: Run): Promise<string> {
  const prefix = `/${Math.floor(run / killsPerKeys)}/`;
  const seed = Math.floor(random.next() * 1e9);
  const args = [path, `r${run}`, `${after}`, `${seed}`, prefix, worker, `${indexLag}`];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const end = random.next() < 0.1 ? 1 : random.next() * longest;
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= end) child.kill('SIGKILL');
  });
  await closed;
  expect(child.signalCode).toBe('SIGKILL');
  return Buffer.concat(chunks).toString();
}

/** Reads and watches what has been left in the end. */
async function readToTheEnd(path: string, history: History): Promise<void> {
  await using store = await openSqliteStore({ path });
  const client = new RecordingClient({ store, name: 'end', record: history.add });
  await client.send({ type: 'list', prefix: '' });
  const end = await store.revision();
  using _watch = recordWatch({ store, name: 'all', prefix: '', after: history.reached('all'), record: history.add });
  await vi.waitFor(() => expect(history.reached('all')).toBe(end), { timeout: 10_000 });
  history.add({ heard: 'all', mustReach: end });
}
