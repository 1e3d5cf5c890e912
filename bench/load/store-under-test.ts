/** The stores that are measured: in this process, with their data in a folder or a server of their own. */
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd } from '../../src/store/etcd/testing/etcd-process.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { openLocation, residentBytes } from './store-location.ts';

/** Where the data of a store is; disposing removes it. */
export interface StoreHome extends AsyncDisposable {
  /** Another client of the same data; of SQLite one at a time. */
  open(): Promise<Store>;
  /** What a process needs to open it too; undefined if none can. */
  readonly location: readonly string[] | undefined;
  /** Stops and starts what keeps the data, if that is a process; milliseconds. */
  restart?(): Promise<number>;
  /** Bytes on disk. */
  size?(): number;
  /** Resident memory of what keeps the data, if that is a process of its own. */
  memory?(): number;
}

/** The kinds of stores. */
export const storeHomes: Readonly<Record<string, () => Promise<StoreHome>>> = {
  sqlite: sqliteHome,
  memory: memoryHome,
  etcd: etcdHome,
};

async function sqliteHome(): Promise<StoreHome> {
  const folder = await mkdtemp(join(tmpdir(), 'kubets-bench-'));
  const path = join(folder, 'state.db');
  return {
    open: () => openSqliteStore({ path }),
    location: ['sqlite', path],
    size: () => sizeOf(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function memoryHome(): Promise<StoreHome> {
  return { open: async () => new MemoryStore(), location: undefined, [Symbol.asyncDispose]: async () => undefined };
}

async function etcdHome(): Promise<StoreHome> {
  const cluster = await startEtcd({ version: '3.5', flags: ['--quota-backend-bytes=8589934592'] });
  const member = cluster.members[0]!;
  const location = ['etcd', member.endpoint];
  return {
    open: () => openLocation(location),
    location,
    async restart() {
      await member.kill('SIGTERM');
      const started = performance.now();
      member.start();
      await cluster.healthy();
      return performance.now() - started;
    },
    size: () => sizeOf(join(member.dataFolder, 'member', 'snap')),
    memory: () => residentBytes(member.pid ?? 0),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
