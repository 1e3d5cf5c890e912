import { checkLinearizable } from './check-linearizable.ts';
import { checkWatches, committedChanges } from './check-watch.ts';
import type { HistoryEvent, History, Operation } from './history.ts';

/** What is known about a history as a whole. */
export interface HistoryCheckOptions {
  /** Whether each write of the store is in the history and takes the next revision, as on SQLite. */
  readonly consecutive?: boolean | undefined;
  /** Whether some watcher has heard all changes: then a write that none heard of never happened. */
  readonly watchedToTheEnd: boolean;
}

/**
 * All checks of the history of a store that was empty at its beginning: each key is linearizable, lists show one moment,
 * watchers heard everything. Answers what was wrong; nothing: all well.
 */
export function checkHistory(
  { operations, watches }: Pick<History, 'operations' | 'watches'>,
  { consecutive, watchedToTheEnd }: HistoryCheckOptions,
): readonly string[] {
  const check = { operations, watches, consecutive };
  const committed = committedChanges(check);
  return [
    ...checkLinearizable(operations, watchedToTheEnd ? committed : undefined),
    ...(watchedToTheEnd ? checkLists(operations, committed) : []),
    ...checkWatches(check),
  ];
}

/** A list shows exactly what the changes up to its revision have made, none half and none from later. */
function checkLists(operations: readonly Operation[], committed: readonly HistoryEvent[]): readonly string[] {
  const lists = operations
    .flatMap(({ id, request, outcome }) =>
      request.type === 'list' && outcome.type === 'listed' ? [{ id, prefix: request.prefix, ...outcome }] : [],
    )
    .sort((a, b) => a.revision - b.revision);
  const state = new Map<string, HistoryEvent>();
  let next = 0;
  return lists.flatMap(({ id, prefix, revision, items }): readonly string[] => {
    for (; next < committed.length && committed[next]!.revision <= revision; next++) {
      const event = committed[next]!;
      if (event.type === 'deleted') state.delete(event.key);
      else state.set(event.key, event);
    }
    const expected = [...state.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .map((event) => `${event.key} = ${event.value} at ${event.revision}`)
      .sort();
    const listed = items.map((item) => `${item.key} = ${item.value} at ${item.revision}`).sort();
    if (expected.join() === listed.join()) return [];
    const wrong = [...new Set(expected).symmetricDifference(new Set(listed))];
    return [`list ${id} at revision ${revision} differs from the changes up to then in: ${wrong.join('; ')}`];
  });
}
