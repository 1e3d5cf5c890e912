/** A Client over a map, for tests of parts that only get, list, create and update. */
import { StatusError } from '../../base/errors.ts';
import type { Client, ObjectList, WatchEvent } from '../../client/client.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';

/** The fake and its objects, by `qualified resource namespace/name`. */
export interface FakeClient extends Client {
  readonly objects: Map<string, ApiObject>;
  /** Puts an object in and tells watchers. */
  put(resource: Resource, object: object): void;
  remove(resource: Resource, key: ObjectKey): void;
}

interface Watcher {
  readonly resource: string;
  push(event: WatchEvent<ApiObject>): void;
}

/** Makes an empty fake. */
export function fakeClient(): FakeClient {
  const objects = new Map<string, ApiObject>();
  const watchers = new Set<Watcher>();
  let version = 0;
  const idOf = (resource: Resource, key: ObjectKey): string => `${resource.qualified} ${keyString(key)}`;
  const tell = (resource: Resource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject): void => {
    for (const watcher of watchers) if (watcher.resource === resource.qualified) watcher.push({ type, object });
  };
  const put = (resource: Resource, object: object): ApiObject => {
    const { metadata } = object as { metadata: { name: string; namespace?: string; uid?: string } };
    version++;
    const { apiVersion, kind } = resource;
    const filled = { uid: `uid-${metadata.name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata };
    const stored: ApiObject = {
      ...object,
      apiVersion,
      kind,
      metadata: { ...filled, resourceVersion: String(version) },
    };
    const id = idOf(resource, keyOf(stored));
    const type = objects.has(id) ? 'MODIFIED' : 'ADDED';
    objects.set(id, stored);
    tell(resource, type, stored);
    return stored;
  };
  const missing = (): never => {
    throw new StatusError('InternalError', 'the fake client does not do this');
  };
  const fake = {
    objects,
    put,
    remove(resource: Resource, key: ObjectKey) {
      const object = objects.get(idOf(resource, key));
      objects.delete(idOf(resource, key));
      if (object) tell(resource, 'DELETED', object);
    },
    async get(resource: Resource, key: ObjectKey): Promise<ApiObject> {
      const object = objects.get(idOf(resource, key));
      if (object) return object;
      throw new StatusError('NotFound', `${resource.qualified} ${JSON.stringify(key.name)} not found`);
    },
    async list(resource: Resource, options: { namespace?: string } = {}): Promise<ObjectList<ApiObject>> {
      const items = [...objects]
        .filter(([id]) => id.startsWith(`${resource.qualified} `))
        .map(([, object]) => object)
        .filter(({ metadata }) => options.namespace === undefined || metadata.namespace === options.namespace);
      return { metadata: { resourceVersion: String(version) }, items };
    },
    async *watch(resource: Resource, options: { signal?: AbortSignal } = {}): AsyncGenerator<WatchEvent<ApiObject>> {
      const queue: WatchEvent<ApiObject>[] = [];
      let wake = (): void => undefined;
      const watcher: Watcher = {
        resource: resource.qualified,
        push(event) {
          queue.push(event);
          wake();
        },
      };
      watchers.add(watcher);
      options.signal?.addEventListener('abort', () => wake());
      try {
        while (!options.signal?.aborted) {
          yield* queue.splice(0);
          if (queue.length === 0 && !options.signal?.aborted) await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        watchers.delete(watcher);
      }
    },
    async create(resource: Resource, object: ApiObject): Promise<ApiObject> {
      if (objects.has(idOf(resource, keyOf(object)))) throw new StatusError('AlreadyExists', 'already exists');
      return put(resource, object);
    },
    async update(resource: Resource, object: ApiObject): Promise<ApiObject> {
      return put(resource, object);
    },
    patch: missing,
    delete: missing,
    deleteCollection: missing,
    createSubresource: missing,
  };
  return fake as unknown as FakeClient;
}
