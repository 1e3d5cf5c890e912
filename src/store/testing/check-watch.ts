import type { HistoryEvent, Operation, WatchHistory } from './history.ts';

/** What a watch check is about. */
export interface WatchCheck {
  readonly operations: readonly Operation[];
  readonly watches: readonly WatchHistory[];
  /** Whether each write of the store is in the history and takes the next revision, so that none may be left out. */
  readonly consecutive?: boolean | undefined;
}

/**
 * Whether every watcher heard every change under its prefix, as it was made, in order, once and without a gap, over all its
 * sessions, and nothing that nobody had written. Answers what was wrong; nothing: all well.
 */
export function checkWatches(check: WatchCheck): readonly string[] {
  const violations: string[] = [];
  const log = committedChanges(check, violations);
  violations.push(...checkOrigins(check.operations, log));
  violations.push(...checkSuccession(log));
  if (check.consecutive === true) violations.push(...checkConsecutive(check, log));
  for (const watch of check.watches) violations.push(...checkWatch(watch, log));
  return violations;
}

/** Every change that was acknowledged to its writer or heard by a watcher, by revision. */
export function committedChanges(
  { operations, watches }: WatchCheck,
  violations: string[] = [],
): readonly HistoryEvent[] {
  const byRevision = new Map<number, HistoryEvent>();
  for (const { name, sessions } of watches) {
    for (const event of sessions.flatMap(({ events }) => events)) {
      const known = byRevision.get(event.revision);
      if (!known) byRevision.set(event.revision, event);
      else if (!same(known, event)) violations.push(`watch ${name} heard ${show(event)}, another ${show(known)}`);
    }
  }
  for (const operation of operations) {
    const event = changeOf(operation);
    if (!event) continue;
    const known = byRevision.get(event.revision);
    if (!known) byRevision.set(event.revision, event);
    // What a deletion deleted is not in its acknowledgement.
    else if (!same(known, event.type === 'deleted' ? { ...event, value: known.value } : event)) {
      violations.push(`${operation.id} was acknowledged as ${show(event)}, but heard as ${show(known)}`);
    }
  }
  return [...byRevision.values()].sort((a, b) => a.revision - b.revision);
}

/** The change that an acknowledged write made. */
function changeOf({ request, outcome }: Operation): HistoryEvent | undefined {
  if (outcome.type !== 'written' || !('key' in request) || request.type === 'get') return undefined;
  const { key } = request;
  const { revision } = outcome;
  if (request.type === 'delete') return { type: 'deleted', key, value: '', revision };
  return { type: request.type === 'create' ? 'created' : 'updated', key, value: request.value, revision };
}

/** Each change was asked for, and each request made at most one. */
function checkOrigins(operations: readonly Operation[], log: readonly HistoryEvent[]): readonly string[] {
  const asked = new Map<string, 'may' | 'did'>();
  const deletions = new Map<string, number>();
  for (const { request, outcome } of operations) {
    const effect = outcome.type === 'written' || outcome.type === 'unknown';
    if (!effect) continue;
    if (request.type === 'delete') deletions.set(request.key, (deletions.get(request.key) ?? 0) + 1);
    else if ('value' in request) asked.set(origin(request.type, request.key, request.value), 'may');
  }
  return log.flatMap((event): readonly string[] => {
    if (event.type === 'deleted') {
      const left = (deletions.get(event.key) ?? 0) - 1;
      deletions.set(event.key, left);
      return left < 0 ? [`nobody asked for ${show(event)}`] : [];
    }
    const request = origin(event.type === 'created' ? 'create' : 'update', event.key, event.value);
    const before = asked.get(request);
    if (before) asked.set(request, 'did');
    if (!before) return [`nobody asked for ${show(event)}`];
    return before === 'did' ? [`one request was applied twice, the second time as ${show(event)}`] : [];
  });
}

function origin(type: string, key: string, value: string): string {
  return `${type} ${key} ${value}`;
}

/** A key is created when it is not there, updated and deleted when it is; a deletion tells what was deleted. */
function checkSuccession(log: readonly HistoryEvent[]): readonly string[] {
  const values = new Map<string, string>();
  return log.flatMap((event): readonly string[] => {
    const before = values.get(event.key);
    if (event.type === 'deleted') values.delete(event.key);
    else values.set(event.key, event.value);
    if ((event.type === 'created') !== (before === undefined)) {
      return [`${show(event)}, though the key ${before === undefined ? 'was not there' : `held ${before}`}`];
    }
    const wrong = event.type === 'deleted' && event.value !== '' && event.value !== before;
    return wrong ? [`${show(event)}, though the key held ${before}`] : [];
  });
}

function checkConsecutive({ watches }: WatchCheck, log: readonly HistoryEvent[]): readonly string[] {
  // Only what a watcher of everything has gone through is known without a hole.
  const seen = watches.filter(({ prefix }) => prefix === '').flatMap(({ sessions }) => sessions.map((s) => s.reached));
  const end = Math.max(0, ...seen);
  return log.flatMap((event, index): readonly string[] => {
    const before = log[index - 1]?.revision ?? 0;
    if (event.revision > end || event.revision === before + 1) return [];
    return [`no change has a revision between ${before} and ${event.revision}`];
  });
}

function checkWatch(watch: WatchHistory, log: readonly HistoryEvent[]): readonly string[] {
  const violations: string[] = [];
  const { name, prefix, sessions } = watch;
  const from = sessions[0]?.after ?? 0;
  let reached = from;
  for (const { after, reached: end } of sessions) {
    if (after !== reached) violations.push(`watch ${name} went on after ${after}, though it had reached ${reached}`);
    reached = Math.max(reached, end);
  }
  if (watch.mustReach !== undefined && reached < watch.mustReach) {
    // It may have reached further than it could hear of: nothing under its prefix may be behind.
    reached = watch.mustReach;
  }
  const expected = log.filter(({ key, revision }) => key.startsWith(prefix) && revision > from && revision <= reached);
  const heard = sessions.flatMap(({ events }) => events);
  violations.push(...compare(name, heard, expected));
  return violations;
}

function compare(name: string, heard: readonly HistoryEvent[], expected: readonly HistoryEvent[]): readonly string[] {
  const violations: string[] = [];
  const known = new Set(expected.map(({ revision }) => revision));
  const times = new Map<number, number>();
  let last = 0;
  for (const event of heard) {
    const count = (times.get(event.revision) ?? 0) + 1;
    times.set(event.revision, count);
    if (count > 1) violations.push(`watch ${name} heard ${show(event)} ${count} times`);
    else if (event.revision < last) violations.push(`watch ${name} heard ${show(event)} after revision ${last}`);
    if (!known.has(event.revision)) violations.push(`watch ${name} heard ${show(event)}, which is not its concern`);
    last = Math.max(last, event.revision);
  }
  for (const event of expected) {
    if (!times.has(event.revision)) violations.push(`watch ${name} did not hear ${show(event)}`);
  }
  return violations;
}

function same(a: HistoryEvent, b: HistoryEvent): boolean {
  return a.type === b.type && a.key === b.key && a.value === b.value && a.revision === b.revision;
}

function show({ type, key, value, revision }: HistoryEvent): string {
  return `${key} ${type} (${value}) at revision ${revision}`;
}
