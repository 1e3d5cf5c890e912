import type { Resource } from '../../machinery/resource.ts';
import type { CacheEvent, WatchEventType } from './cache-event.ts';
import { indexValue } from './selection.ts';
import type { ObjectSelection } from './selection.ts';
import type { StoredObject } from './stored-object.ts';

/** Where a watch delivers what it hears. */
export interface WatchSink {
  /** One change as this watcher sees it. */
  event(event: CacheEvent, type: WatchEventType): void;
  /** Nothing up to `revision` is missing. */
  bookmark(revision: number): void;
  /** The server ends the watch. */
  end(): void;
}

/** One watch of a kind; dispose it to end it. */
export class Watcher implements Disposable {
  readonly selection: ObjectSelection;
  readonly sink: WatchSink;
  readonly #remove: (watcher: Watcher) => void;

  constructor(selection: ObjectSelection, sink: WatchSink, remove: (watcher: Watcher) => void) {
    this.selection = selection;
    this.sink = sink;
    this.#remove = remove;
  }

  /** Passes a change on if it concerns the selection: entering it is ADDED, leaving it DELETED. */
  offer(event: CacheEvent): void {
    const type = typeFor(this.selection, event);
    if (type) this.sink.event(type === 'DELETED' ? event.departure : event, type);
  }

  [Symbol.dispose](): void {
    this.#remove(this);
  }
}

/** How a change looks to those who watch a selection; undefined: it does not concern them. */
function typeFor({ namespace, matches }: ObjectSelection, event: CacheEvent): WatchEventType | undefined {
  const { key, previous } = event;
  if (namespace !== undefined && !(key.startsWith(namespace) && key[namespace.length] === '/')) return undefined;
  if (!matches) return event.type;
  const before = previous !== undefined && matches(previous);
  const now = event.type !== 'DELETED' && matches(event.object);
  if (now) return before ? 'MODIFIED' : 'ADDED';
  return before ? 'DELETED' : undefined;
}

/** Those who watch the same selection: what a change is to them is found out once. */
type Route = Map<ObjectSelection, Set<Watcher>>;

/** The watchers of a kind, found by what they watch, so that a change is not offered to each in turn. */
export class WatcherIndex {
  readonly #resource: Resource;
  readonly #routes = new Map<string, Route>();
  #size = 0;

  constructor(resource: Resource) {
    this.#resource = resource;
  }

  /** How many watchers there are. */
  get size(): number {
    return this.#size;
  }

  /** Registers a watcher; dispose it to end. */
  add(selection: ObjectSelection, sink: WatchSink): Watcher {
    const name = this.#routeOf(selection);
    let route = this.#routes.get(name);
    if (!route) this.#routes.set(name, (route = new Map()));
    let watchers = route.get(selection);
    if (!watchers) route.set(selection, (watchers = new Set()));
    const watcher = new Watcher(selection, sink, () => this.#remove(name, watcher));
    watchers.add(watcher);
    this.#size++;
    return watcher;
  }

  #remove(name: string, watcher: Watcher): void {
    const route = this.#routes.get(name);
    const watchers = route?.get(watcher.selection);
    if (!watchers?.delete(watcher)) return;
    this.#size--;
    if (watchers.size > 0) return;
    route?.delete(watcher.selection);
    if (route?.size === 0) this.#routes.delete(name);
  }

  /** Offers a change to the watchers whom it may concern. */
  dispatch(event: CacheEvent): void {
    if (this.#size === 0) return;
    const { key, object, previous } = event;
    this.#offer('', event);
    const slash = key.indexOf('/');
    if (slash > 0) this.#offer(`namespace ${key.slice(0, slash)}`, event);
    this.#offer(`key ${key}`, event);
    const value = this.#indexOf(object);
    const before = previous ? this.#indexOf(previous) : '';
    if (value !== '') this.#offer(`index ${value}`, event);
    if (before !== '' && before !== value) this.#offer(`index ${before}`, event);
  }

  /** How many hear of changes of an object ('': any name, no namespace), not counting those found by the index's field. */
  countFor(namespace: string, name: string): number {
    const key = namespace === '' ? name : `${namespace}/${name}`;
    const names = ['', ...(namespace === '' ? [] : [`namespace ${namespace}`]), ...(name === '' ? [] : [`key ${key}`])];
    let count = 0;
    for (const route of names) for (const watchers of this.#routes.get(route)?.values() ?? []) count += watchers.size;
    return count;
  }

  /** Every watcher. */
  *all(): Generator<Watcher> {
    for (const route of this.#routes.values()) for (const watchers of route.values()) yield* watchers;
  }

  #offer(name: string, event: CacheEvent): void {
    const route = this.#routes.get(name);
    if (!route) return;
    for (const [selection, watchers] of route) {
      const type = typeFor(selection, event);
      if (!type) continue;
      const seen = type === 'DELETED' ? event.departure : event;
      for (const { sink } of watchers) sink.event(seen, type);
    }
  }

  #indexOf(object: StoredObject): string {
    return indexValue(this.#resource, object);
  }

  #routeOf({ namespace, name, indexed }: ObjectSelection): string {
    if (name !== undefined) {
      if (!this.#resource.namespaced) return `key ${name}`;
      if (namespace !== undefined) return `key ${namespace}/${name}`;
    }
    if (indexed !== undefined && indexed !== '') return `index ${indexed}`;
    return namespace === undefined ? '' : `namespace ${namespace}`;
  }
}
