/**
 * Compaction of a store that several API servers share: one at a time does it, and another when that one is gone. Source:
 * apiserver's storage/etcd3/compact.go, with whose servers this may take turns.
 */
import { StoreError } from '../store/store.ts';
import type { Store } from '../store/store.ts';

/** Holds the revision of the last compaction; whoever replaces the version that it knows may compact. Source: compactRevKey. */
export const compactionKey = 'compact_rev_key';

/** What one server knew at the end of its last turn. */
export interface CompactionState {
  /** The revision of the key's value; undefined: there was none. */
  readonly known: number | undefined;
  /** The newest revision at that time. */
  readonly newest: number;
}

/**
 * One turn: forgets what is older than the last turn, if no other server has compacted since. So what was newest one interval
 * ago stays readable, for lists that are being paged through.
 */
export async function compactInTurn(store: Store, state: CompactionState | undefined): Promise<CompactionState> {
  const newest = await store.revision();
  if (state) {
    const known = await taken(store, state);
    if (known !== undefined) {
      await store.compact(state.newest);
      return { known, newest };
    }
  }
  return { known: (await store.get(compactionKey))?.revision, newest };
}

/** Takes the turn: the revision of the key's new value, or undefined when another server had it. */
async function taken(store: Store, { known, newest }: CompactionState): Promise<number | undefined> {
  const value = Buffer.from(String(newest));
  try {
    return await (known === undefined ? store.create(compactionKey, value) : store.update(compactionKey, value, known));
  } catch (error) {
    if (error instanceof StoreError && ['exists', 'conflict', 'notFound'].includes(error.kind)) return undefined;
    throw error;
  }
}
