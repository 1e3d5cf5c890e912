import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Logger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openEtcdStore } from '../../store/etcd/etcd-store.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../config/cluster-config.ts';
import { readFlagFile } from './common-flags.ts';
import type { EtcdLocation, StoreLocation } from './store-location.ts';

/** Where a store tells of what it meets, and its time. */
export interface StoreSurroundings {
  readonly clock: Clock;
  readonly log: Logger;
}

const alone: StoreSurroundings = { clock: systemClock, log: silentLogger };

/** Opens the store, making the folder of its file. Throws when it can't be opened, saying why. */
export async function openStore(location: StoreLocation, surroundings = alone): Promise<Store> {
  if (location === 'memory') return new MemoryStore();
  if ('etcd' in location) return openEtcd(location.etcd, surroundings);
  try {
    mkdirSync(dirname(location.path), { recursive: true, mode: 0o700 });
  } catch (error) {
    const folder = dirname(location.path);
    throw new UsageError(`the folder ${folder} for the store can't be made: ${messageOf(error)}`, { cause: error });
  }
  return openSqliteStore({ path: location.path, worker: storeThread() });
}

async function openEtcd(
  { servers, prefix, caFile, certFile, keyFile }: EtcdLocation,
  { clock, log }: StoreSurroundings,
): Promise<Store> {
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new UsageError('--etcd-certfile and --etcd-keyfile must be given together');
  const read = (file: string | undefined, flag: string): string | undefined =>
    file === undefined ? undefined : readFlagFile(file, flag);
  const tls = {
    ca: read(caFile, '--etcd-cafile'),
    cert: read(certFile, '--etcd-certfile'),
    key: read(keyFile, '--etcd-keyfile'),
  };
  const store = openEtcdStore({ endpoints: servers, prefix, tls, clock, log });
  try {
    await store.revision();
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw new UsageError(`etcd at ${servers.join(', ')} does not answer: ${messageOf(error)}`, { cause: error });
  }
}

/** The bundle has the store's thread as a file beside the program; from source the store finds its own. */
function storeThread(): URL | undefined {
  const program = process.argv[1] ?? '';
  return import.meta.url.endsWith('.ts') ? undefined : pathToFileURL(join(dirname(program), 'sqlite-worker.js'));
}
