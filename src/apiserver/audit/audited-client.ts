import { StatusError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
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
} from '../../client/client.ts';
import { resourcePath, withQuery } from '../../client/resource-path.ts';
import type { PathTarget } from '../../client/resource-path.ts';
import type { ObjectKey, Resource } from '../../machinery/resource.ts';
import type { Annotate, User } from '../ports.ts';
import { attributesOf } from '../request-attributes.ts';
import { asStatusError } from '../http/responses.ts';
import type { Audit } from './audit.ts';
import type { RequestAudit } from './request-audit.ts';

/** What an audited client is made of. */
export interface AuditedClientParts {
  readonly audit: Audit;
  readonly random: Random;
  /** The client whose calls are recorded; the API server notes with `annotate` why it allows them. */
  inner(annotate: Annotate | undefined): Client;
}

/** A client inside the server's process whose calls are recorded as those of a component over HTTPS would be. */
export function auditedClient(user: User, parts: AuditedClientParts): Client {
  return new AuditedClient(user, parts);
}

type AnyResource = Pick<Resource, 'group' | 'version' | 'plural' | 'namespaced'>;

/** What a call is about. */
interface AuditedCall {
  readonly verb: string;
  readonly resource: AnyResource;
  readonly target: PathTarget & Selection;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** What is sent, and of what kind it is. */
  readonly body?: { readonly value: unknown; readonly kind: string };
}

class AuditedClient implements Client {
  readonly #user: User;
  readonly #headers: { readonly 'user-agent': string };
  readonly #parts: AuditedClientParts;
  #unrecorded: Client | undefined;

  constructor(user: User, parts: AuditedClientParts) {
    this.#user = user;
    this.#headers = { 'user-agent': user.name };
    this.#parts = parts;
  }

  get<T, D>(resource: Resource<T, D>, key: ObjectKey, options?: CallOptions): Promise<T> {
    return this.#recorded({ verb: 'get', resource, target: key }, (inner) => inner.get(resource, key, options));
  }

  list<T, D>(resource: Resource<T, D>, options: ListOptions = {}): Promise<ObjectList<T>> {
    const { limit, continue: token, resourceVersion } = options;
    const query = { ...selectionOf(options), limit, continue: token, resourceVersion };
    const call = { verb: 'list', resource, target: placeOf(options), query };
    return this.#recorded(call, (inner) => inner.list(resource, options));
  }

  async *watch<T, D>(resource: Resource<T, D>, options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    const { resourceVersion, allowWatchBookmarks, timeoutSeconds } = options;
    const query = { ...selectionOf(options), resourceVersion, allowWatchBookmarks, timeoutSeconds, watch: true };
    const call = { verb: 'watch', resource, target: placeOf(options), query };
    const audit = this.#begin(call);
    if (audit) await this.#received(audit, call);
    await audit?.started(200);
    try {
      yield* this.#parts.inner(audit?.annotate).watch(resource, options);
    } catch (error) {
      audit?.failed(asStatusError(error).toStatus());
      throw error;
    } finally {
      await audit?.completed();
    }
  }

  create<T, D>(resource: Resource<T, D>, object: D, options: WriteOptions = {}): Promise<T> {
    const { namespace } = keyIn(object);
    const call = { verb: 'create', resource, target: { namespace }, ...sent(resource, object, options) };
    return this.#recorded(call, (inner) => inner.create(resource, object, options));
  }

  update<T, D>(resource: Resource<T, D>, object: D, options: WriteOptions = {}): Promise<T> {
    const target = { ...keyIn(object), subresource: options.subresource };
    const call = { verb: 'update', resource, target, ...sent(resource, object, options) };
    return this.#recorded(call, (inner) => inner.update(resource, object, options));
  }

  patch<T, D>(
    resource: Resource<T, D>,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: Json },
    options: WriteOptions = {},
  ): Promise<T> {
    const target = { ...key, subresource: options.subresource };
    const call = { verb: 'patch', resource, target, ...sent({ kind: '' }, patch.body, options) };
    return this.#recorded(call, (inner) => inner.patch(resource, key, patch, options));
  }

  delete<T, D>(resource: Resource<T, D>, key: ObjectKey, options: DeleteCallOptions = {}): Promise<void> {
    return this.#recorded({ verb: 'delete', resource, target: key }, (inner) => inner.delete(resource, key, options));
  }

  deleteCollection<T, D>(resource: Resource<T, D>, options: Selection & DeleteCallOptions = {}): Promise<void> {
    const query = selectionOf(options);
    const call = { verb: 'deletecollection', resource, target: placeOf(options), query };
    return this.#recorded(call, (inner) => inner.deleteCollection(resource, options));
  }

  createSubresource<T, D, B, C>(
    resource: Resource<T, D>,
    key: ObjectKey,
    body: { readonly subresource: string; readonly kind: Resource<B, C>; readonly object: C },
    options?: CallOptions,
  ): Promise<B> {
    const target = { ...key, subresource: body.subresource };
    const call = { verb: 'create', resource, target, body: { value: body.object, kind: body.kind.kind } };
    return this.#recorded(call, (inner) => inner.createSubresource(resource, key, body, options));
  }

  #recorded<R>(call: AuditedCall, act: (inner: Client) => Promise<R>): Promise<R> {
    const begun = this.#begin(call);
    return begun ? this.#record(call, begun, act) : act((this.#unrecorded ??= this.#parts.inner(undefined)));
  }

  async #record<R>(call: AuditedCall, audit: RequestAudit, act: (inner: Client) => Promise<R>): Promise<R> {
    await this.#received(audit, call);
    try {
      const result = await act(this.#parts.inner(audit.annotate));
      audit.responseObject(kindOf(result), () => JSON.stringify(result));
      await audit.completed(call.verb === 'create' ? 201 : 200);
      return result;
    } catch (error) {
      if (!(error instanceof StatusError)) await audit.panicked(error);
      const status = asStatusError(error).toStatus();
      audit.failed(status);
      await audit.completed(status.code);
      throw error;
    }
  }

  /** Undefined where the policy says that the call is not to be recorded; then it costs no more than asking. */
  #begin({ verb, resource, target, query }: AuditedCall): RequestAudit | undefined {
    const { audit, random } = this.#parts;
    const { name, namespace, subresource, fieldSelector } = target;
    const attributes = attributesOf(this.#user, resource, { verb, name, namespace, subresource, fieldSelector });
    return audit.begin(attributes, () => ({
      id: random.uuid(),
      uri: withQuery(resourcePath(resource as Resource, target), query ?? {}),
      headers: this.#headers,
      remoteAddress: '127.0.0.1',
      isLong: verb === 'watch',
      annotations: {},
    }));
  }

  /** Records that the call has arrived. Throws InternalError when it must be recorded and can't be. */
  async #received(request: RequestAudit, { body }: AuditedCall): Promise<void> {
    if (!(await request.received())) {
      this.#parts.audit.rejected();
      throw new StatusError('InternalError', 'Internal error occurred: failed to store audit event');
    }
    if (body?.kind === '') request.requestPatch(body.value);
    else if (body) request.requestObject(body.value, body.kind);
  }
}

function sent(
  { kind }: { readonly kind: string },
  value: unknown,
  { fieldManager, force, dryRun }: WriteOptions,
): Pick<AuditedCall, 'body' | 'query'> {
  return { body: { value, kind }, query: { fieldManager, force, dryRun: dryRun ? 'All' : undefined } };
}

function selectionOf({ labelSelector, fieldSelector }: Selection): Readonly<Record<string, string | undefined>> {
  return { labelSelector, fieldSelector };
}

function placeOf({ namespace, fieldSelector }: Selection): PathTarget & Selection {
  return { namespace, fieldSelector };
}

function keyIn(object: unknown): PathTarget {
  const { metadata } = (object ?? {}) as { readonly metadata?: PathTarget };
  return { namespace: metadata?.namespace, name: metadata?.name };
}

function kindOf(result: unknown): string {
  return String((result as { readonly kind?: unknown } | undefined)?.kind ?? '');
}
