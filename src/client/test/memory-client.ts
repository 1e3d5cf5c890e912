import { StatusError } from '../../base/errors.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import type { Client, ListOptions, ObjectList, WatchEvent, WatchOptions } from '../client.ts';

type Kind = Pick<Resource, 'qualified' | 'apiVersion' | 'kind'>;
interface Draft {
  readonly metadata: object & { readonly name?: string | undefined; readonly namespace?: string | undefined };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/**
 * A cluster in memory for tests of components that only read, watch and patch: objects are stored as given, without
 * defaults or checks; `metadata.name` is the only field selector.
 */
export class MemoryClient {
  #version = 0;
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  /** Everything that ever happened: a watch begins behind the version that it names. */
  readonly #events: {
    readonly kind: string;
    readonly version: number;
    readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
    readonly object: ApiObject;
  }[] = [];
  readonly #watchers = new Set<() => void>();

  /** Stores an object as a client would, and tells the watchers. */
  put<T>(resource: Resource<T, never> | Kind, object: Draft): T {
    const { qualified, apiVersion, kind } = resource;
    const objects = this.#of(qualified);
    const stored = {
      apiVersion,
      kind,
      ...object,
      metadata: { uid: '', ...object.metadata, resourceVersion: String(++this.#version) },
    } as ApiObject;
    const key = keyString(keyOf(stored));
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED';
    objects.set(key, stored);
    this.#tell(qualified, type, stored);
    return stored as T;
  }

  /** Removes an object. */
  remove(resource: Kind, key: ObjectKey): void {
    const object = this.#of(resource.qualified).get(keyString(key));
    if (object === undefined) return;
    this.#of(resource.qualified).delete(keyString(key));
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#tell(resource.qualified, 'DELETED', { ...object, metadata });
  }

  /** An object as it is stored now. */
  find<T, D>(resource: Resource<T, D>, key: ObjectKey): T | undefined {
    return this.#of(resource.qualified).get(keyString(key)) as T | undefined;
  }

  /** This cluster through the port. What it does not do is missing. */
  asClient(): Client {
    const partial: Partial<Record<keyof Client, (...args: never[]) => unknown>> = {
      list: async (resource: Resource, options: ListOptions = {}): Promise<ObjectList<ApiObject>> => ({
        metadata: { resourceVersion: String(this.#version) },
        items: [...this.#of(resource.qualified).values()].filter(selected(options)),
      }),
      watch: (resource: Resource, options: WatchOptions = {}) => this.#watch(resource, options),
      get: async (resource: Resource, key: ObjectKey) => this.#existing(resource, key),
      create: async (resource: Resource, object: Draft) => this.put(resource, object),
      update: async (resource: Resource, object: Draft) => this.put(resource, object),
      patch: async (resource: Resource, key: ObjectKey, patch: { body: object }) =>
        this.put(resource, merged(this.#existing(resource, key), patch.body) as Draft),
    };
    return partial as Client;
  }

  #of(kind: string): Map<string, ApiObject> {
    const objects = this.#objects.get(kind) ?? new Map<string, ApiObject>();
    this.#objects.set(kind, objects);
    return objects;
  }

  #existing(resource: Resource, key: ObjectKey): ApiObject {
    const object = this.find(resource, key);
    if (object === undefined) throw new StatusError('NotFound', `${resource.qualified} "${key.name}" not found`);
    return object;
  }

  #tell(kind: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject): void {
    this.#events.push({ kind, version: this.#version, type, object });
    for (const wake of this.#watchers) wake();
  }

  async *#watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<ApiObject>> {
    const { signal = new AbortController().signal } = options;
    const isSelected = selected(options);
    const since = Number(options.resourceVersion ?? this.#version);
    let next = this.#events.findIndex((event) => event.version > since);
    if (next < 0) next = this.#events.length;
    let wake = (): void => undefined;
    const watcher = (): void => wake();
    this.#watchers.add(watcher);
    signal.addEventListener('abort', watcher, { once: true });
    try {
      while (!signal.aborted) {
        const event = this.#events[next];
        if (event !== undefined) {
          next++;
          const { kind, type, object } = event;
          if (kind === resource.qualified && isSelected(object)) yield { type, object };
          continue;
        }
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener('abort', watcher);
    }
  }
}

function selected({
  fieldSelector,
  namespace,
}: {
  readonly fieldSelector?: string | undefined;
  readonly namespace?: string | undefined;
}) {
  const name = fieldSelector?.replace('metadata.name=', '');
  return ({ metadata }: ApiObject): boolean =>
    (name === undefined || metadata.name === name) && (namespace === undefined || metadata.namespace === namespace);
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base = isObject(target) ? target : {};
  return {
    ...base,
    ...Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, merged(base[key], value)])),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
