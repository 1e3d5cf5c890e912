import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../base/errors.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { StoreLocation } from './store-location.ts';

/** Opens the store, making the folder of its file. Throws when it can't be opened, saying why. */
export async function openStore(location: StoreLocation): Promise<Store> {
  if (location === 'memory') return new MemoryStore();
  try {
    mkdirSync(dirname(location.path), { recursive: true, mode: 0o700 });
  } catch (error) {
    const folder = dirname(location.path);
    throw new UsageError(`the folder ${folder} for the store can't be made: ${messageOf(error)}`, { cause: error });
  }
  return openSqliteStore({ path: location.path, worker: storeThread() });
}

/** The bundle has the store's thread as a file beside the program; from source the store finds its own. */
function storeThread(): URL | undefined {
  const program = process.argv[1] ?? '';
  return import.meta.url.endsWith('.ts') ? undefined : pathToFileURL(join(dirname(program), 'sqlite-worker.js'));
}
