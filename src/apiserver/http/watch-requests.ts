/** Watches: from HTTP to the API and back. */
import { hasReason } from '../../base/errors.ts';
import type { Api } from '../api.ts';
import type { SelectionText } from '../cache/selection.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import { streamTypes } from './content-negotiation.ts';
import { flushScheduleOf } from './flush-schedule.ts';
import { OpenWatches } from './open-watches.ts';
import * as query from './request-query.ts';
import { callOf, deprecationOf } from './resource-exchange.ts';
import type { ResourceExchange } from './resource-exchange.ts';
import { encodingOf } from './responses.ts';
import type { AnswerForm } from './responses.ts';
import { warningHeader } from './warning-header.ts';
import { WatchResponse } from './watch-response.ts';

/** Half an hour at least: what a watch lasts when its client does not say. Source: --min-request-timeout. */
const minWatchSeconds = 1800;

/** Answers a watch. Throws StatusError before the answer has begun; later errors are events. */
export async function watch(api: Api, request: ResourceExchange, form: AnswerForm): Promise<void> {
  const { exchange, path } = request;
  const parameters = request.target.query;
  const { clock, random } = api.context;
  using opening = new DisposableStack();
  opening.use(openWatchesOf(api).open(request.user.name));
  const seconds = query.timeoutSeconds(parameters) ?? minWatchSeconds * (1 + random.next());
  // The answer may begin only once it is known that there is no error; until then events wait.
  const target = new DeferredTarget(() => {
    const stream = exchange.stream(200, {
      'content-type': streamTypes[encodingOf(form).name],
      ...warningHeader(deprecationOf(path.resource)),
    });
    const bookmarks = query.flag(parameters, 'allowWatchBookmarks');
    const schedule = flushScheduleOf(clock);
    return new WatchResponse(stream, { resource: path.resource, form, bookmarks, schedule, now: () => clock.now() });
  });
  const watcher = await api
    .watch(
      callOf(request),
      {
        ...watchedSelection(request),
        resourceVersion: parameters.get('resourceVersion') ?? undefined,
        resourceVersionMatch: parameters.get('resourceVersionMatch') || undefined,
        sendInitialEvents: query.sendInitialEvents(parameters),
        continue: parameters.get('continue') || undefined,
      },
      target,
    )
    .catch((error: unknown) => {
      // Upstream's watch cache tells this as an event of a watch that began well, and clients wait for that.
      if (!hasReason(error, 'Expired')) throw error;
      target.open().fail(error);
      return undefined;
    });
  if (!watcher) return;
  const response = target.open();
  response.live();
  const timer = clock.after(seconds * 1000, () => {
    response.bookmark(api.context.caches.revision);
    response.end();
  });
  const open = opening.move();
  exchange.onClose(() => {
    timer[Symbol.dispose]();
    watcher[Symbol.dispose]();
    open[Symbol.dispose]();
  });
}

const openWatches = new WeakMap<Api, OpenWatches>();

function openWatchesOf(api: Api): OpenWatches {
  let found = openWatches.get(api);
  if (!found) openWatches.set(api, (found = new OpenWatches()));
  return found;
}

/** What is watched: a path of old may name one object. */
function watchedSelection({ path, target }: ResourceExchange): SelectionText {
  const selection = query.selectionOf(target.query);
  if (path.name === '') return selection;
  const { fieldSelector } = selection;
  return { ...selection, fieldSelector: `metadata.name=${path.name}${fieldSelector ? `,${fieldSelector}` : ''}` };
}

/** Begins the response with the first thing that there is to say, or when told to. */
class DeferredTarget {
  readonly #make: () => WatchResponse;
  #response: WatchResponse | undefined;

  constructor(make: () => WatchResponse) {
    this.#make = make;
  }

  open(): WatchResponse {
    return (this.#response ??= this.#make());
  }

  event(...args: Parameters<WatchResponse['event']>): void {
    this.open().event(...args);
  }

  initial(objects: readonly StoredObject[]): void {
    this.open().initial(objects);
  }

  bookmark(revision: number): void {
    this.open().bookmark(revision);
  }

  initialEventsEnd(revision: number): void {
    this.open().initialEventsEnd(revision);
  }

  end(): void {
    this.open().end();
  }
}
