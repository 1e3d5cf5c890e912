import type { Clock } from '../../base/clock.ts';
import { timestamp } from '../../base/clock.ts';
import { StatusError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type {
  Client,
  DeleteCallOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../client/client.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge-patch.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';

interface Change {
  readonly resource: string;
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
}

/** What the fake was asked to write, in order. */
export interface FakeWrite {
  readonly verb: 'create' | 'patch' | 'update' | 'delete' | 'createSubresource';
  readonly resource: string;
  readonly key: string;
  readonly body: unknown;
}

/** Just enough of an API server for a kubelet: objects in memory, watches, patches, graceful deletion of pods. */
export class FakeApi implements Client {
  readonly writes: FakeWrite[] = [];
  readonly #clock: Clock;
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #history: Change[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #failures: { readonly verb: string; readonly resource: string; readonly error: StatusError }[] = [];
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes the next such call fail. */
  failNext(verb: FakeWrite['verb'], resource: string, error: StatusError): void {
    this.#failures.push({ verb, resource, error });
  }

  /** The object now, if it is there. */
  peek<T, D>(resource: Resource<T, D>, key: ObjectKey): T | undefined {
    return this.#of(resource.qualified).get(keyString(key)) as T | undefined;
  }

  async get<T, D>(resource: Resource<T, D>, key: ObjectKey): Promise<T> {
    const found = this.peek(resource, key);
    if (!found) throw this.#notFound(resource.qualified, key.name);
    return found;
  }

  async list<T, D>(resource: Resource<T, D>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const items = [...this.#of(resource.qualified).values()].filter((object) => selected(object, options));
    return { metadata: { resourceVersion: String(this.#version) }, items: items as T[] };
  }

  async *watch<T, D>(resource: Resource<T, D>, options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    let seen = Number(options.resourceVersion ?? this.#version);
    while (!options.signal?.aborted) {
      const next = this.#history.find(({ version, resource: name }) => version > seen && name === resource.qualified);
      if (!next) {
        await this.#nextChange(options.signal);
        continue;
      }
      seen = next.version;
      if (selected(next.object, options)) yield { type: next.type, object: next.object as T };
    }
  }

  async create<T, D>(resource: Resource<T, D>, object: D, _options?: WriteOptions): Promise<T> {
    const draft = decodeObject(resource as unknown as Resource, structuredClone(object)).object;
    const { generateName, namespace } = draft.metadata;
    const name = draft.metadata.name || `${generateName ?? ''}${this.#version}`;
    this.#wrote('create', resource.qualified, keyString({ namespace, name }), object);
    if (!resource.subresources.length && !resource.verbs.includes('get')) return draft as T;
    if (this.#of(resource.qualified).has(keyString({ namespace, name }))) {
      throw new StatusError('AlreadyExists', `${resource.qualified} "${name}" already exists`);
    }
    const metadata = {
      ...draft.metadata,
      name,
      uid: draft.metadata.uid || `uid-${name}-${this.#version}`,
      creationTimestamp: timestamp(this.#clock.now()),
      generation: 1,
    };
    return this.#store(resource.qualified, { ...draft, metadata }, 'ADDED') as T;
  }

  async update<T, D>(resource: Resource<T, D>, object: D, _options?: WriteOptions): Promise<T> {
    const next = decodeObject(resource as unknown as Resource, structuredClone(object)).object as ApiObject;
    this.#wrote('update', resource.qualified, keyString(next.metadata), object);
    return this.#store(resource.qualified, next, 'MODIFIED') as T;
  }

  async patch<T, D>(
    resource: Resource<T, D>,
    key: ObjectKey,
    { type, body }: { readonly type: PatchType; readonly body: Json },
    options: WriteOptions = {},
  ): Promise<T> {
    this.#wrote(
      'patch',
      options.subresource ? `${resource.qualified}/${options.subresource}` : resource.qualified,
      keyString(key),
      body,
    );
    const former = this.peek(resource, key) as (ApiObject & JsonObject) | undefined;
    if (!former) throw this.#notFound(resource.qualified, key.name);
    const patched =
      type === 'merge'
        ? applyMergePatch(former, body)
        : applyStrategicMergePatch(former, body as JsonObject, resource.schema);
    const next = patched as unknown as ApiObject;
    if (next.metadata.uid !== former.metadata.uid) throw new StatusError('Conflict', 'the uid does not match');
    return this.#store(resource.qualified, next, 'MODIFIED') as T;
  }

  async delete<T, D>(resource: Resource<T, D>, key: ObjectKey, options: DeleteCallOptions = {}): Promise<void> {
    this.#wrote('delete', resource.qualified, keyString(key), options);
    const former = this.peek(resource, key) as ApiObject | undefined;
    if (!former) throw this.#notFound(resource.qualified, key.name);
    const grace = options.gracePeriodSeconds ?? 30;
    if (resource.plural !== 'pods' || grace === 0) {
      this.#of(resource.qualified).delete(keyString(key));
      this.#record(resource.qualified, 'DELETED', former);
      return;
    }
    const metadata = {
      ...former.metadata,
      deletionTimestamp: timestamp(this.#clock.now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
    };
    this.#store(resource.qualified, { ...former, metadata }, 'MODIFIED');
  }

  async deleteCollection(): Promise<void> {
    throw new Error('not needed by a kubelet');
  }

  async createSubresource<T, D, B, C>(
    resource: Resource<T, D>,
    key: ObjectKey,
    body: { readonly subresource: string; readonly kind: Resource<B, C>; readonly object: C },
  ): Promise<B> {
    this.#wrote('createSubresource', `${resource.qualified}/${body.subresource}`, keyString(key), body.object);
    const { spec } = body.object as { spec: { expirationSeconds: number } };
    const expirationTimestamp = timestamp(this.#clock.now() + spec.expirationSeconds * 1000);
    return { spec, status: { token: `token-${this.writes.length}`, expirationTimestamp } } as B;
  }

  #wrote(verb: FakeWrite['verb'], resource: string, key: string, body: unknown): void {
    this.writes.push({ verb, resource, key, body });
    const index = this.#failures.findIndex((failure) => failure.verb === verb && failure.resource === resource);
    const [failure] = index < 0 ? [] : this.#failures.splice(index, 1);
    if (failure) throw failure.error;
  }

  #store(resource: string, object: ApiObject, type: 'ADDED' | 'MODIFIED'): ApiObject {
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version + 1) } };
    this.#of(resource).set(keyString(next.metadata), next);
    this.#record(resource, type, next);
    return next;
  }

  #record(resource: string, type: Change['type'], object: ApiObject): void {
    const version = ++this.#version;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    this.#history.push({ resource, version, type, object: { ...object, metadata } });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #nextChange(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    signal?.throwIfAborted();
  }

  #of(resource: string): Map<string, ApiObject> {
    const known = this.#objects.get(resource) ?? new Map<string, ApiObject>();
    this.#objects.set(resource, known);
    return known;
  }

  #notFound(resource: string, name: string): StatusError {
    return new StatusError('NotFound', `${resource} "${name}" not found`);
  }
}

function selected(object: ApiObject, { namespace, fieldSelector }: Selection): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  const [path = '', value] = (fieldSelector ?? '').split('=');
  if (path === 'metadata.name') return object.metadata.name === value;
  if (path === 'spec.nodeName') return 'spec' in object && (object.spec as { nodeName?: string }).nodeName === value;
  return true;
}
