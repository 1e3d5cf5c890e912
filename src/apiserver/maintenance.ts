/** What the server does by itself from time to time. */
import { Event } from '../api/core/event.ts';
import type { Event as EventObject } from '../api/core/event.ts';
import type { HandlerContext } from './resources/handler-context.ts';
import { everything } from './cache/selection.ts';
import { storageKey } from './cache/storage-key.ts';

/** How long events are kept. Source: kube-apiserver's --event-ttl. */
const eventLifetime = 60 * 60 * 1000;
const eventSweepInterval = 60 * 1000;
/** Source: kube-apiserver's --etcd-compaction-interval. */
const compactionInterval = 5 * 60 * 1000;
/** Source: the watch cache's bookmark frequency. */
const bookmarkInterval = 60 * 1000;

/** Runs all of it until aborted; never rejects. */
export async function maintain(context: HandlerContext, signal: AbortSignal): Promise<void> {
  const revisions: number[] = [];
  await Promise.all([
    every(context, { interval: bookmarkInterval, signal }, async () => {
      sendBookmarks(context);
      for (const cache of context.caches.all()) cache.forgetUnused();
    }),
    every(context, { interval: eventSweepInterval, signal }, () => expireEvents(context)),
    every(context, { interval: compactionInterval, signal }, async () => {
      // What was newest one interval ago stays readable, for lists that are being paged through.
      revisions.push(context.caches.revision);
      const revision = revisions.length > 1 ? revisions.shift() : undefined;
      if (revision !== undefined) await context.store.compact(revision);
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

/** Deletes events that nothing has been added to for an hour. */
export async function expireEvents({ caches, store, clock }: HandlerContext): Promise<void> {
  const resource = Event;
  const oldest = clock.now() - eventLifetime;
  for (const { object } of caches.of(resource).select(everything)) {
    const event = object.object as EventObject;
    if (lastSeen(event) >= oldest) continue;
    const { namespace, name } = event.metadata;
    // Somebody may have counted it up meanwhile: then it lives on.
    await store.delete(storageKey(resource, { namespace, name }), object.revision).catch(() => undefined);
  }
}

function lastSeen({ lastTimestamp, eventTime, series, metadata }: EventObject): number {
  const times = [lastTimestamp, eventTime, series?.lastObservedTime, metadata.creationTimestamp];
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)));
}
