import type { Store } from '../store.ts';
import type { SnapshotHeader, SnapshotRecord } from './snapshot-format.ts';
import type { SnapshotSource } from './snapshot-stream.ts';
import { refuseUnfinished } from './store-target.ts';

/** What a store's snapshot says that the store does not know. */
export type SnapshotOrigin = Omit<SnapshotHeader, 'revision' | 'cluster'>;

/** Few enough that what a page leaves behind is little, many enough that asking for each costs little. */
const pageLength = 1000;

/** Where the API server keeps the namespace by which clusters are told apart. */
const clusterKey = '/registry/namespaces/kube-system';

/**
 * Everything that a store holds, as it was at the moment of the call, while others go on writing. Reading it fails with
 * `compacted` if that takes longer than the store keeps its past.
 */
export async function readStore(store: Store, origin: SnapshotOrigin, signal?: AbortSignal): Promise<SnapshotSource> {
  await refuseUnfinished(store, origin.store);
  const revision = await store.revision();
  const cluster = await clusterOf(store, revision);
  return {
    header: { revision, ...origin, ...(cluster === undefined ? {} : { cluster }) },
    records: () => pages(store, revision, signal),
  };
}

async function* pages(
  store: Store,
  revision: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly SnapshotRecord[]> {
  let after: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const { items } = await store.list('', { revision, after, limit: pageLength, counted: false, ttls: true, signal });
    yield items;
    if (items.length < pageLength) return;
    after = items.at(-1)?.key;
  }
}

/** The UID of a cluster that keeps its namespaces as JSON; undefined otherwise: if they are encrypted, for example. */
async function clusterOf(store: Store, revision: number): Promise<string | undefined> {
  const found = await store.get(clusterKey, { revision });
  if (!found) return undefined;
  try {
    const object: unknown = JSON.parse(new TextDecoder().decode(found.value));
    const uid = (object as { readonly metadata?: { readonly uid?: unknown } }).metadata?.uid;
    return typeof uid === 'string' ? uid : undefined;
  } catch {
    return undefined;
  }
}
