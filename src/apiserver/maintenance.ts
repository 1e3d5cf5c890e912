/** What the server does by itself from time to time. */
import { compactInTurn } from './compaction.ts';
import type { CompactionState } from './compaction.ts';
import type { HandlerContext } from './resources/handler-context.ts';

/** Source: the watch cache's bookmark frequency. */
const bookmarkInterval = 60 * 1000;

/** Settings of what is done from time to time. */
export interface MaintenanceOptions {
  /** Milliseconds between compactions; 0: somebody else compacts. Default: 5 minutes. */
  readonly compactionInterval?: number | undefined;
}

/** Source: kube-apiserver's --etcd-compaction-interval. */
const usualCompactionInterval = 5 * 60 * 1000;

/** Runs all of it until aborted; never rejects. */
export async function maintain(
  context: HandlerContext,
  { compactionInterval = usualCompactionInterval }: MaintenanceOptions,
  signal: AbortSignal,
): Promise<void> {
  let state: CompactionState | undefined;
  await Promise.all([
    context.storeHealth.run(signal),
    every(context, { interval: bookmarkInterval, signal }, async () => {
      sendBookmarks(context);
      for (const cache of context.caches.all()) cache.forgetUnused();
    }),
    compactionInterval === 0
      ? undefined
      : every(context, { interval: compactionInterval, signal }, async () => {
          state = await compactInTurn(context.store, state);
        }),
  ]);
}

async function every(
  { clock, log }: HandlerContext,
  { interval, signal }: { readonly interval: number; readonly signal: AbortSignal },
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(interval, signal);
      await work();
    } catch (error) {
      if (!signal.aborted) log.error('Maintenance of the store failed; it will be tried again', { error });
    }
  }
}

/** Tells every watcher up to where nothing is missing. */
export function sendBookmarks({ caches }: HandlerContext): void {
  const { revision } = caches;
  for (const cache of caches.all()) {
    if (cache.isSettled) for (const watcher of cache.watchers.all()) watcher.sink.bookmark(revision);
  }
}
