import { StatusError } from '../../base/errors.ts';
import type { Resource } from '../../machinery/resource.ts';
import { parseSelection } from '../cache/selection.ts';
import type { SelectionText } from '../cache/selection.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import type { WatchSink, Watcher } from '../cache/watcher-index.ts';
import type { HandlerContext } from './handler-context.ts';
import { parseVersion } from './list-objects.ts';
import { checkWatchOptions } from './list-options.ts';

/** What a watch asks for. */
export interface WatchRequest extends SelectionText {
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  readonly continue?: string | undefined;
}

/** Where a watch delivers. */
export interface WatchTarget extends WatchSink {
  /** The objects that were there before. The same array, mostly, for those who begin to watch the same. */
  initial(objects: readonly StoredObject[]): void;
  /** Marks the end of the objects that were there before. */
  initialEventsEnd(revision: number): void;
}

/**
 * Begins a watch: the objects that are there (for no version, "0" or sendInitialEvents) or the changes since the version,
 * then what happens. Throws StatusError Expired when the changes since then are no longer known.
 */
export async function watchObjects(
  context: HandlerContext,
  resource: Resource,
  { request, target }: { readonly request: WatchRequest; readonly target: WatchTarget },
): Promise<Watcher> {
  checkWatchOptions(request);
  const selection = parseSelection(resource, request);
  const version = parseVersion(request.resourceVersion);
  if (request.sendInitialEvents || version === undefined) await context.caches.fresh();
  if (version !== undefined && version > context.caches.revision) await awaitVersion(context, version);
  const cache = context.caches.of(resource);
  if (resource.custom?.convert) await cache.converted({ past: true });
  const { revision } = context.caches;
  const replayState = request.sendInitialEvents ?? (version === undefined || version === 0);
  // From here to the registration nothing awaits, so no change is missed or seen twice.
  const past = replayState || version === undefined ? [] : cache.changesAfter(version);
  const watcher = cache.watchers.add(selection, target);
  if (replayState) {
    target.initial(cache.page(selection, undefined).items);
    if (request.sendInitialEvents) target.initialEventsEnd(revision);
  }
  for (const event of past) watcher.offer(event);
  return watcher;
}

/** A version from another life of the store never comes: whoever has it must list again. */
async function awaitVersion({ caches }: HandlerContext, version: number): Promise<void> {
  try {
    await caches.reached(version);
  } catch (error) {
    throw new StatusError('Expired', `resource version ${version} is unknown here, the newest is ${caches.revision}`, {
      cause: error,
    });
  }
}
