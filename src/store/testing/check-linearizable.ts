import type { HistoryEvent, HistoryOutcome, HistoryRequest, Operation } from './history.ts';

/**
 * Whether each key behaved as one register that is created, compared and swapped, deleted and read, every request taking
 * effect at one moment between call and answer; and whether revisions grew with time and none was given twice. Answers what
 * was wrong; nothing: all well. Source of the method: Wing and Gong, Testing and Verifying Concurrent Objects, 1993, with
 * the memo of Lowe, Testing for Linearizability, 2017.
 * `committed`: all changes that there were, if known; what was unknown is settled by it.
 */
export function checkLinearizable(
  operations: readonly Operation[],
  committed?: readonly HistoryEvent[],
): readonly string[] {
  const settled = committed ? settle(operations, committed) : operations;
  const violations = checkRevisions(settled);
  for (const [key, history] of historiesByKey(settled)) {
    const violation = checkKey(key, history);
    if (violation !== undefined) violations.push(violation);
  }
  return violations;
}

type KeyRequest = Exclude<HistoryRequest, { type: 'list' }>;
type KeyOperation = Operation & { readonly request: KeyRequest };

/** Unknown writes whose value is among the committed changes happened, with that revision; the others never did. */
function settle(operations: readonly Operation[], committed: readonly HistoryEvent[]): readonly Operation[] {
  const byValue = new Map(committed.flatMap((event) => (event.type === 'deleted' ? [] : [[event.value, event]])));
  const acknowledged = new Set(operations.map(({ outcome }) => (outcome.type === 'written' ? outcome.revision : -1)));
  const unclaimed = committed.filter(({ type, revision }) => type === 'deleted' && !acknowledged.has(revision));
  return operations.flatMap((operation): readonly Operation[] => {
    const { request, outcome } = operation;
    if (outcome.type !== 'unknown') return [operation];
    if (request.type === 'delete') {
      // Which of several unknown deletions of a key it was can't be told from the changes: that stays open.
      return unclaimed.some(({ key }) => key === request.key) ? [operation] : [];
    }
    const event = 'value' in request ? byValue.get(request.value) : undefined;
    return event ? [{ ...operation, outcome: { type: 'written', revision: event.revision } }] : [];
  });
}

/** No revision twice, and none that is lower than that of a write which ended before its own began. */
function checkRevisions(operations: readonly Operation[]): string[] {
  const writes = operations
    .flatMap((operation) =>
      operation.outcome.type === 'written' ? [{ operation, revision: operation.outcome.revision }] : [],
    )
    .sort((a, b) => b.revision - a.revision);
  const violations: string[] = [];
  let earliest: (typeof writes)[number] | undefined;
  writes.forEach((write, index) => {
    const { operation, revision } = write;
    const other = writes[index + 1];
    if (other?.revision === revision) {
      violations.push(
        `revision ${revision} was given to two writes: ${describe(operation)}, ${describe(other.operation)}`,
      );
    }
    if (earliest && earliest.operation.returned < operation.called) {
      violations.push(
        `${describe(operation)} began after ${describe(earliest.operation)} had ended with a higher revision`,
      );
    }
    if (!earliest || operation.returned < earliest.operation.returned) earliest = write;
  });
  return violations;
}

/** What concerns each key; a list reads every key under its prefix. */
function historiesByKey(operations: readonly Operation[]): Map<string, KeyOperation[]> {
  const histories = new Map<string, KeyOperation[]>();
  const add = (operation: KeyOperation): void => {
    const history = histories.get(operation.request.key);
    if (history) history.push(operation);
    else histories.set(operation.request.key, [operation]);
  };
  for (const operation of operations) {
    const { request, outcome } = operation;
    if (request.type === 'list') {
      // A key that only a list has seen was made up, or its value was: that has to be found too.
      if (outcome.type !== 'listed') continue;
      for (const { key } of outcome.items) if (!histories.has(key)) histories.set(key, []);
    } else if (outcome.type !== 'failed' && (request.type !== 'get' || outcome.type === 'read')) {
      add({ ...operation, request });
    }
  }
  for (const operation of operations) {
    const { request, outcome } = operation;
    if (request.type !== 'list' || outcome.type !== 'listed') continue;
    const items = new Map(outcome.items.map((item) => [item.key, item]));
    for (const key of histories.keys()) {
      if (!key.startsWith(request.prefix)) continue;
      add({ ...operation, request: { type: 'get', key }, outcome: { type: 'read', found: items.get(key) } });
    }
  }
  return histories;
}

/** The state of a key. Revisions of writes that were not acknowledged are unknown, `undefined`, until they are read. */
interface Register {
  readonly value: string | undefined;
  readonly revision: number | undefined;
  /** Every later revision is above this one. */
  readonly floor: number;
}

const isRead = ({ type }: HistoryOutcome): boolean => type === 'read' || type === 'refused';

/** The state after an operation, or undefined if it can't have happened in this state. */
function step(state: Register, { request, outcome }: KeyOperation): Register | undefined {
  if (request.type === 'get') return outcome.type === 'read' ? afterRead(state, outcome.found) : state;
  if (outcome.type === 'refused') return refusalFits(state, request, outcome.reason) ? state : undefined;
  if (request.type === 'create' ? state.value !== undefined : state.value === undefined) return undefined;
  const expected = request.type === 'create' ? undefined : request.expected;
  const learned = expected === undefined ? state : withRevision(state, expected);
  if (!learned) return undefined;
  const value = request.type === 'delete' ? undefined : request.value;
  if (outcome.type !== 'written') return { value, revision: undefined, floor: learned.floor };
  const { revision } = outcome;
  return revision > learned.floor ? { value, revision, floor: revision } : undefined;
}

function afterRead(state: Register, found: { value: string; revision: number } | undefined): Register | undefined {
  if (!found) return state.value === undefined ? state : undefined;
  return found.value === state.value ? withRevision(state, found.revision) : undefined;
}

function withRevision(state: Register, revision: number): Register | undefined {
  if (state.revision !== undefined) return state.revision === revision ? state : undefined;
  return revision > state.floor ? { ...state, revision, floor: revision } : undefined;
}

function refusalFits(state: Register, request: KeyRequest, reason: 'exists' | 'conflict' | 'notFound'): boolean {
  const there = state.value !== undefined;
  if (request.type === 'create') return reason === 'exists' && there;
  if (reason !== 'conflict') return reason === 'notFound' && !there;
  const expected = 'expected' in request ? request.expected : undefined;
  return there && expected !== undefined && (state.revision === undefined || state.revision !== expected);
}

interface Search {
  readonly operations: readonly KeyOperation[];
  readonly done: boolean[];
  readonly seen: Set<string>;
  /** How many must be done at least. */
  readonly required: number;
  /** The furthest that the search came, to show what did not fit. */
  best: { readonly count: number; readonly state: Register; readonly stuck: readonly number[] } | undefined;
}

function checkKey(key: string, history: readonly KeyOperation[]): string | undefined {
  const operations = history.toSorted((a, b) => a.called - b.called);
  const search: Search = {
    operations,
    done: operations.map(() => false),
    seen: new Set(),
    required: operations.filter(({ outcome }) => outcome.type !== 'unknown').length,
    best: undefined,
  };
  const empty: Register = { value: undefined, revision: undefined, floor: 0 };
  if (explore(search, empty, { first: 0, count: 0 })) return undefined;
  const { state, stuck } = search.best!;
  const held = state.value === undefined ? 'no value' : `${state.value} at revision ${state.revision ?? 'unknown'}`;
  const rest = stuck.map((index) => describe(operations[index]!)).join('; ');
  return `key ${key}: no order of its operations explains the answers: with ${held}, none of these fits: ${rest}`;
}

/** Depth first: whether what is not yet done can be put in an order from this state. `count`: done of the required. */
function explore(search: Search, start: Register, at: { readonly first: number; readonly count: number }): boolean {
  const { operations, done } = search;
  let { first, count } = at;
  let state = start;
  const taken: number[] = [];
  const take = (index: number, next: Register): void => {
    done[index] = true;
    taken.push(index);
    state = next;
    if (operations[index]!.outcome.type !== 'unknown') count++;
  };
  for (;;) {
    while (done[first]) first++;
    // A read that fits leaves the state as it is: to take it now loses nothing.
    const read = candidates(search, first).find((index) => isRead(operations[index]!.outcome) && fits(index));
    if (read === undefined) break;
    take(read, step(state, operations[read]!)!);
  }
  if (count === search.required) return true;
  const now = candidates(search, first);
  if (!search.best || count > search.best.count) search.best = { count, state, stuck: now };
  const memo = memoKey(search, first, state);
  if (!search.seen.has(memo)) {
    search.seen.add(memo);
    for (const index of now.filter(fits).sort(byRevision)) {
      const operation = operations[index]!;
      done[index] = true;
      const counted = operation.outcome.type === 'unknown' ? count : count + 1;
      if (explore(search, step(state, operation)!, { first, count: counted })) return true;
      done[index] = false;
    }
  }
  for (const index of taken) done[index] = false;
  return false;

  function fits(index: number): boolean {
    return step(state, operations[index]!) !== undefined;
  }
  function byRevision(a: number, b: number): number {
    return revisionOf(operations[a]!) - revisionOf(operations[b]!);
  }
}

/** Those that may come next: called before any that is not done has ended. */
function candidates({ operations, done }: Search, first: number): number[] {
  const found: number[] = [];
  let earliestEnd = Infinity;
  for (let index = first; index < operations.length; index++) {
    const { called, returned } = operations[index]!;
    if (called > earliestEnd) break;
    if (done[index]) continue;
    found.push(index);
    earliestEnd = Math.min(earliestEnd, returned);
  }
  return found;
}

function memoKey({ done }: Search, first: number, { value, revision, floor }: Register): string {
  const last = done.lastIndexOf(true);
  const open: number[] = [];
  for (let index = first; index < last; index++) if (!done[index]) open.push(index);
  return `${last}|${open.join()}|${value}|${revision}|${floor}`;
}

function revisionOf({ outcome }: Operation): number {
  return outcome.type === 'written' ? outcome.revision : Infinity;
}

function describe({ id, request, outcome }: Operation): string {
  return `${id} ${JSON.stringify(request)} → ${JSON.stringify(outcome)}`;
}
