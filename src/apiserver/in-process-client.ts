import { StatusError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type {
  CallOptions,
  Client,
  DeleteCallOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../client/client.ts';
import type { DeleteOptions } from '../machinery/meta.ts';
import type { ObjectKey, Resource } from '../machinery/resource.ts';
import type { Answer, Api, WriteCall } from './api.ts';
import { apiServerUser } from './authentication/users.ts';
import { StoredObject } from './cache/stored-object.ts';
import { InProcessWatch } from './in-process-watch.ts';
import type { Annotate, User } from './ports.ts';

/**
 * A client inside the server's process: same authorization and admission, no transport, and no copies of what it reads.
 * `annotate` notes what the audit event of its one call is to say.
 */
export function createInProcessClient(api: Api, user: User, annotate?: Annotate): Client {
  return new InProcessClient(api, user, annotate);
}

class InProcessClient implements Client {
  readonly #api: Api;
  readonly #user: User;
  readonly #component: string;
  readonly #annotate: Annotate | undefined;

  constructor(api: Api, user: User, annotate: Annotate | undefined) {
    this.#annotate = annotate;
    this.#component = componentOf(user.name);
    api.noteComponent(this.#component);
    this.#api = api;
    this.#user = user;
  }

  async get<T, D>(resource: Resource<T, D>, key: ObjectKey, options: CallOptions = {}): Promise<T> {
    options.signal?.throwIfAborted();
    return resultOf(await this.#api.get(this.#call(resource, key)));
  }

  async list<T, D>(resource: Resource<T, D>, options: ListOptions = {}): Promise<ObjectList<T>> {
    options.signal?.throwIfAborted();
    const page = await this.#api.list(this.#call(resource, options), options);
    const { revision, remaining: remainingItemCount } = page;
    return {
      metadata: { resourceVersion: String(revision), continue: page.continue, remainingItemCount },
      items: page.items.map((item) => item.object as T),
    };
  }

  async *watch<T, D>(resource: Resource<T, D>, options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    options.signal?.throwIfAborted();
    const watch = new InProcessWatch<T>(options.allowWatchBookmarks ?? false);
    using _registration = await this.#api.watch(this.#call(resource, options), options, watch);
    const { timeoutSeconds, signal } = options;
    const end = (): void => watch.end();
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) watch.end();
    using _timer =
      timeoutSeconds === undefined
        ? undefined
        : this.#api.context.clock.after(timeoutSeconds * 1000, () => watch.end());
    try {
      yield* watch.drain();
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  async create<T, D>(resource: Resource<T, D>, object: D, options: WriteOptions = {}): Promise<T> {
    const call = this.#write(resource, keyIn(object), options);
    return resultOf(await this.#api.create(call, { value: () => object, duplicates: [] }));
  }

  async update<T, D>(resource: Resource<T, D>, object: D, options: WriteOptions = {}): Promise<T> {
    const call = this.#write(resource, keyIn(object), options);
    return resultOf((await this.#api.update(call, { value: () => object, duplicates: [] })).answer);
  }

  async patch<T, D>(
    resource: Resource<T, D>,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: Json },
    options: WriteOptions = {},
  ): Promise<T> {
    const call = this.#write(resource, key, options);
    const { type, body } = patch;
    if (type !== 'apply') return resultOf(await this.#api.patch(call, { type, body }));
    const { fieldManager, force = false } = options;
    if (!fieldManager) throw new StatusError('Invalid', 'an apply must name its field manager');
    return resultOf((await this.#api.apply(call, { configuration: body, force })).answer);
  }

  async delete<T, D>(resource: Resource<T, D>, key: ObjectKey, options: DeleteCallOptions = {}): Promise<void> {
    await this.#api.delete(this.#write(resource, key, options), deleteOptions(options));
  }

  async deleteCollection<T, D>(resource: Resource<T, D>, options: Selection & DeleteCallOptions = {}): Promise<void> {
    const { labelSelector, fieldSelector } = options;
    const call = this.#write(resource, options, options);
    await this.#api.deleteCollection(call, { labelSelector, fieldSelector }, deleteOptions(options));
  }

  async createSubresource<T, D, B, C>(
    resource: Resource<T, D>,
    key: ObjectKey,
    body: { readonly subresource: string; readonly kind: Resource<B, C>; readonly object: C },
    options: CallOptions = {},
  ): Promise<B> {
    const call = this.#write(resource, key, { ...options, subresource: body.subresource });
    return resultOf(await this.#api.create(call, { value: () => body.object, duplicates: [] }));
  }

  #call<T, D>(resource: Resource<T, D>, { namespace, name }: Target): WriteCall {
    const annotate = this.#annotate;
    return { user: this.#user, resource: this.#api.served(resource as unknown as Resource), namespace, name, annotate };
  }

  #write<T, D>(resource: Resource<T, D>, key: Target, options: WriteOptions): WriteCall {
    options.signal?.throwIfAborted();
    const { subresource, dryRun } = options;
    const { fieldManager = this.#component } = options;
    return { ...this.#call(resource, key), subresource, dryRun, fieldManager, fieldValidation: 'Strict' };
  }
}

/** The field manager of a component's writes: what upstream's component calls itself in its user agent. */
function componentOf(user: string): string {
  if (user === apiServerUser.name) return 'kube-apiserver';
  if (user.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager';
  return user.startsWith('system:node:') ? 'kubelet' : (user.split(':').at(-1) ?? user);
}

interface Target {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

function resultOf(answer: Answer): never {
  // What the API answers about a kind is of that kind; the caller's own type says which.
  return (answer instanceof StoredObject ? answer.object : answer) as never;
}

function keyIn(object: unknown): Target {
  const metadata = (object as { readonly metadata?: { namespace?: string; name?: string } } | undefined)?.metadata;
  if (!metadata) throw new StatusError('BadRequest', 'the object has no metadata');
  return metadata;
}

function deleteOptions({ preconditions, propagation, gracePeriodSeconds }: DeleteCallOptions): DeleteOptions {
  return { preconditions, propagationPolicy: propagation, gracePeriodSeconds };
}
