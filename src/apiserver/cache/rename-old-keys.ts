/** Brings a store of before the layout of upstream's keys to it: `/registry/core/pods/…` becomes `/registry/pods/…`. */
import type { Logger } from '../../base/logger.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Store, StoredValue } from '../../store/store.ts';
import { StoreError } from '../../store/store.ts';
import { kindPrefix, registryPrefix } from './storage-key.ts';
import { storePages } from './store-pages.ts';

/** Every cluster has namespaces. Theirs are moved last: while one has its old key, the work is not done. */
const lastOnes = oldPrefix({ group: '', plural: 'namespaces' });

/** Renames what has old keys. Begun anew by the next start if it is interrupted; one look at a store that has none. */
export async function renameOldKeys(store: Store, resources: readonly Resource[], log: Logger): Promise<void> {
  const { items } = await store.list(lastOnes, { limit: 1, counted: false });
  if (items.length === 0) return;
  const moves = resources
    .filter(({ storedAs, custom }) => !storedAs && !custom)
    .map((resource) => ({ from: oldPrefix(resource), to: kindPrefix(resource) }))
    .filter(({ from, to }) => from !== to)
    .toSorted((one, other) => Number(one.from === lastOnes) - Number(other.from === lastOnes));
  let renamed = 0;
  for (const { from, to } of moves) {
    for await (const page of storePages(store, from)) {
      await Promise.all(page.items.map((item) => rename(store, item, to + item.key.slice(from.length))));
      renamed += page.items.length;
    }
  }
  log.info('Renamed the keys of stored objects to the layout of etcd', { renamed });
}

function oldPrefix({ group, plural }: Pick<Resource, 'group' | 'plural'>): string {
  return `${registryPrefix}${group === '' ? 'core' : group}/${plural}/`;
}

async function rename(store: Store, { key, value, revision }: StoredValue, to: string): Promise<void> {
  try {
    await store.create(to, value);
  } catch (error) {
    // Interrupted before: what has the new key is the same, or newer.
    if (!(error instanceof StoreError && error.kind === 'exists')) throw error;
  }
  await store.delete(key, revision);
}
