/**
 * What clients asked of a store and what they were told, as the checkers beside this file judge it. A history is made of
 * entries, each a line of JSON: also what a process wrote down until it was killed can be read.
 */

/** What a client asks. Values are names (`makeValue`), each used by one write only. */
export type HistoryRequest =
  | { readonly type: 'create'; readonly key: string; readonly value: string }
  | { readonly type: 'update'; readonly key: string; readonly value: string; readonly expected: number }
  | { readonly type: 'delete'; readonly key: string; readonly expected?: number | undefined }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'list'; readonly prefix: string };

/** A value that was read. */
export interface ReadValue {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** What became of it. `failed`: certainly without effect; `unknown`: perhaps applied, perhaps not, perhaps later. */
export type HistoryOutcome =
  | { readonly type: 'written'; readonly revision: number }
  | { readonly type: 'read'; readonly found?: ReadValue | undefined }
  | { readonly type: 'listed'; readonly revision: number; readonly items: readonly ReadValue[] }
  | { readonly type: 'refused'; readonly reason: 'exists' | 'conflict' | 'notFound' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'unknown' };

/** A request with its outcome and the span of time in which it took effect; no end: `Infinity`. */
export interface Operation {
  readonly id: string;
  readonly request: HistoryRequest;
  readonly called: number;
  readonly returned: number;
  readonly outcome: HistoryOutcome;
}

/** A change that a watcher heard of; of a deletion, the value that was deleted. */
export interface HistoryEvent {
  readonly type: 'created' | 'updated' | 'deleted';
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** One connection of a watcher. */
export interface WatchSession {
  readonly after: number;
  readonly events: HistoryEvent[];
  /** The highest revision up to which nothing is missing, from events and progress. */
  reached: number;
}

/** A watcher that goes on from the last revision it heard whenever its watch ends. */
export interface WatchHistory {
  readonly name: string;
  readonly prefix: string;
  readonly sessions: WatchSession[];
  /** A revision that it must have reached by its end. */
  mustReach?: number;
}

/** One line of a history. */
export type HistoryEntry =
  | { readonly at: number; readonly call: string; readonly request: HistoryRequest }
  | { readonly at: number; readonly end: string; readonly outcome: HistoryOutcome }
  | { readonly watch: string; readonly prefix: string; readonly after: number }
  | { readonly heard: string; readonly events: readonly HistoryEvent[] }
  | { readonly heard: string; readonly progress: number }
  | { readonly heard: string; readonly mustReach: number };

/** Entries put together. Add those of one client, and of one watcher, in their order. */
export class History {
  readonly #operations = new Map<string, Operation>();
  readonly #watches = new Map<string, WatchHistory>();

  /** Adds what was written down next. */
  readonly add = (entry: HistoryEntry): void => {
    if ('call' in entry) this.#call(entry.call, entry.request, entry.at);
    else if ('end' in entry) this.#end(entry.end, entry.outcome, entry.at);
    else if ('watch' in entry) this.#watch(entry.watch, entry.prefix, entry.after);
    else this.#hear(entry);
  };

  /** Adds lines of JSON; a last one that was cut off is left out, as its writer did not live to act on it. */
  addLines(text: string): void {
    for (const line of text.split('\n').slice(0, -1)) this.add(JSON.parse(line) as HistoryEntry);
  }

  /** All requests, those without an answer as `unknown`. */
  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** All watchers. */
  get watches(): readonly WatchHistory[] {
    return [...this.#watches.values()];
  }

  /** The revision after which a watcher goes on: the last that it heard of. */
  reached(watch: string): number {
    return this.#watches.get(watch)?.sessions.at(-1)?.reached ?? 0;
  }

  #call(id: string, request: HistoryRequest, called: number): void {
    if (this.#operations.has(id)) throw new Error(`two operations of the history are called ${id}`);
    this.#operations.set(id, { id, request, called, returned: Infinity, outcome: { type: 'unknown' } });
  }

  #end(id: string, outcome: HistoryOutcome, at: number): void {
    const operation = this.#operations.get(id);
    if (!operation) throw new Error(`operation ${id} ended without having been called`);
    // What is unknown may take effect long after the client has given up.
    this.#operations.set(id, { ...operation, outcome, returned: outcome.type === 'unknown' ? Infinity : at });
  }

  #watch(name: string, prefix: string, after: number): void {
    const watch = this.#watches.get(name) ?? { name, prefix, sessions: [] };
    this.#watches.set(name, watch);
    watch.sessions.push({ after, events: [], reached: after });
  }

  #hear(entry: Extract<HistoryEntry, { heard: string }>): void {
    const watch = this.#watches.get(entry.heard);
    const session = watch?.sessions.at(-1);
    if (!watch || !session) throw new Error(`watch ${entry.heard} heard something before it began`);
    if ('mustReach' in entry) watch.mustReach = entry.mustReach;
    else if ('progress' in entry) session.reached = Math.max(session.reached, entry.progress);
    else {
      session.events.push(...entry.events);
      session.reached = Math.max(session.reached, entry.events.at(-1)?.revision ?? 0);
    }
  }
}

/** Bytes that bear a name and show whether they are whole: the name over and over. */
export function makeValue(name: string, size = 0): Uint8Array {
  const text = `${name} ${size};`;
  return new TextEncoder().encode(text.repeat(Math.max(1, Math.ceil(size / text.length))));
}

/** The name that bytes bear; what is not exactly as it was made is named as torn. */
export function nameOfValue(value: Uint8Array): string {
  const text = new TextDecoder().decode(value);
  const [, name = '', size] = /^(\S+) (\d+);/.exec(text) ?? [];
  const whole = size !== undefined && new TextDecoder().decode(makeValue(name, Number(size))) === text;
  return whole ? name : `torn value of ${value.length} bytes, beginning with ${JSON.stringify(text.slice(0, 40))}`;
}
