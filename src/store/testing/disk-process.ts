/**
 * A process for the tests of full and read-only disks: it has a store in a mount namespace of its own and does what its parent
 * tells it. Argument: the file.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { openSqliteStore } from '../sqlite-store.ts';
import { StoreError } from '../store.ts';
import type { Store } from '../store.ts';
import { makeValue, nameOfValue } from './history.ts';
import type { DiskAnswer, DiskCommand } from './isolated-disk.ts';

const path = process.argv[2] ?? '';
const filler = join(dirname(path), 'filler');
let store: Store;
const heard: number[] = [];

async function perform(command: DiskCommand): Promise<unknown> {
  switch (command.do) {
    case 'open':
      store = await openSqliteStore({ path });
      store.watch(
        { prefix: '', after: 0 },
        { events: (batch) => void heard.push(...batch.map(({ revision }) => revision)), failed: () => undefined },
      );
      return store.revision();
    case 'create':
      return store.create(command.key, makeValue(command.key, command.size));
    case 'compact':
      return store.compact(await store.revision());
    case 'list':
      return (await store.list('')).items.map(({ key, value, revision }) => [key, nameOfValue(value), revision]);
    case 'heard':
      return heard;
    case 'fill':
      return fill();
    case 'free':
      return rmSync(filler);
    case 'remount':
      return void execFileSync('mount', ['-o', `remount,bind,${command.as}`, dirname(path)], { stdio: 'pipe' });
    default:
      return store[Symbol.asyncDispose]();
  }
}

/** Takes all the room that is left. */
function fill(): void {
  for (let size = 64 * 1024 * 1024; size >= 1024; size >>= 1) {
    for (;;) {
      try {
        writeFileSync(filler, new Uint8Array(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
}

process.on('message', (command: DiskCommand) => {
  perform(command)
    .then((value): DiskAnswer => ({ value }))
    .catch((error: unknown): DiskAnswer => {
      if (!(error instanceof StoreError)) throw error;
      return { error: { kind: error.kind, message: error.message } };
    })
    .then((answer) => process.send?.(answer))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
process.send?.({ value: 'ready' } satisfies DiskAnswer);
