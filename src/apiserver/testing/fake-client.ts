/** A Client over a map, for tests of parts that only get, list, watch, create and update. */
import { StatusError } from '../../base/errors.ts';
import type { Client, ObjectList, WatchEvent } from '../../client/client.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';

/** The fake and its objects, by `qualified resource namespace/name`. */
export interface FakeClient extends Client {
  readonly objects: Map<string, ApiObject>;
  /** Puts an object in and tells watchers. */
  put(resource: Resource, object: object): ApiObject;
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
  const tell = ({ qualified }: Resource, event: WatchEvent<ApiObject>): void => {
    for (const watcher of watchers) if (watcher.resource === qualified) watcher.push(event);
  };
  const put = (resource: Resource, object: object): ApiObject => {
    const stored = storedForm(resource, object, ++version);
    const id = idOf(resource, keyOf(stored));
    const type = objects.has(id) ? 'MODIFIED' : 'ADDED';
    objects.set(id, stored);
    tell(resource, { type, object: stored });
    return stored;
  };
  const fake = {
    objects,
    put,
    remove(resource: Resource, key: ObjectKey) {
      const object = objects.get(idOf(resource, key));
      objects.delete(idOf(resource, key));
      if (object) tell(resource, { type: 'DELETED', object });
    },
    async get(resource: Resource, key: ObjectKey): Promise<ApiObject> {
      const object = objects.get(idOf(resource, key));
      if (object) return object;
      throw new StatusError('NotFound', `${resource.qualified} ${JSON.stringify(key.name)} not found`);
    },
    async list(resource: Resource): Promise<ObjectList<ApiObject>> {
      const own = [...objects].filter(([id]) => id.startsWith(`${resource.qualified} `));
      return { metadata: { resourceVersion: String(version) }, items: own.map(([, object]) => object) };
    },
    watch: (resource: Resource, options: { signal?: AbortSignal } = {}) => watch(watchers, resource, options.signal),
    async create(resource: Resource, object: ApiObject): Promise<ApiObject> {
      if (objects.has(idOf(resource, keyOf(object)))) throw new StatusError('AlreadyExists', 'already exists');
      return put(resource, object);
    },
    update: async (resource: Resource, object: ApiObject): Promise<ApiObject> => put(resource, object),
    patch: unsupported,
    delete: unsupported,
    deleteCollection: unsupported,
    createSubresource: unsupported,
  };
  return fake as unknown as FakeClient;
}

function idOf(resource: Resource, key: ObjectKey): string {
  return `${resource.qualified} ${keyString(key)}`;
}

function storedForm({ apiVersion, kind }: Resource, object: object, version: number): ApiObject {
  const { metadata } = object as { metadata: { name: string; namespace?: string; uid?: string } };
  const filled = { uid: `uid-${metadata.name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata };
  return { ...object, apiVersion, kind, metadata: { ...filled, resourceVersion: String(version) } };
}

async function* watch(
  watchers: Set<Watcher>,
  resource: Resource,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent<ApiObject>> {
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
  signal?.addEventListener('abort', () => wake());
  try {
    const isOver = (): boolean => signal?.aborted ?? false;
    while (!isOver()) {
      yield* queue.splice(0);
      if (queue.length === 0 && !isOver()) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    watchers.delete(watcher);
  }
}

function unsupported(): never {
  throw new StatusError('InternalError', 'the fake client does not do this');
}
