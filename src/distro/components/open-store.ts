import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MemoryStore } from '../../store/memory-store.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../config/cluster-config.ts';

/** Where an API server keeps its objects: a file of SQLite, or nowhere. */
export type StoreLocation = { readonly path: string } | 'memory';

/** Reads `sqlite:///absolute/path` or `memory:`; undefined for anything else. */
export function parseStoreLocation(text: string): StoreLocation | undefined {
  if (text === 'memory:') return 'memory';
  const path = /^sqlite:\/\/(\/.+)$/.exec(text)?.[1];
  return path === undefined ? undefined : { path };
}

/** Opens the store, making the folder of its file. Throws when it can't be opened, saying why. */
export async function openStore(location: StoreLocation): Promise<Store> {
  if (location === 'memory') return new MemoryStore();
  try {
    mkdirSync(dirname(location.path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UsageError(`the folder ${dirname(location.path)} for the store can't be made`, { cause: error });
  }
  return openSqliteStore({ path: location.path, worker: storeThread() });
}

/** The bundle has the store's thread as a file beside the program; from source the store finds its own. */
function storeThread(): URL | undefined {
  const program = process.argv[1] ?? '';
  return import.meta.url.endsWith('.ts') ? undefined : pathToFileURL(join(dirname(program), 'sqlite-worker.js'));
}
