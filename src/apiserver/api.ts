/** Everything that can be done to resources, for one user after the other: authorized, then handled. */
import { andThen } from '../base/and-then.ts';
import { StatusError, hasReason } from '../base/errors.ts';
import type { DeleteOptions } from '../machinery/meta.ts';
import type { Resource } from '../machinery/resource.ts';
import { ComponentStatus } from '../api/core/component-status.ts';
import { parseSelection } from './cache/selection.ts';
import type { StoredObject } from './cache/stored-object.ts';
import type { Watcher } from './cache/watcher-index.ts';
import { forbiddenError } from './authorization/forbidden.ts';
import type {
  AdmissionRequest,
  Authorizer,
  Decision,
  RequestAttributes,
  User,
  VirtualResource,
  VirtualSubresource,
} from './ports.ts';
import type { ServedResources } from './served-resources.ts';
import { attributesOf } from './request-attributes.ts';
import type { ResourceRequest } from './request-attributes.ts';
import { methodNotSupported, notFoundError, notServedError, storeFailure } from './resources/api-errors.ts';
import { applyObject } from './resources/apply-object.ts';
import type { ApplyBody } from './resources/apply-object.ts';
import { componentStatuses } from './resources/component-statuses.ts';
import { createObject } from './resources/create-object.ts';
import { decodeBody } from './resources/decode-body.ts';
import { deleteCollection, deleteObject } from './resources/delete-object.ts';
import type { DeleteOutcome } from './resources/delete-object.ts';
import { currentObject, objectSince } from './resources/handler-context.ts';
import { isCreatedByReplace } from './resources/kind-rules.ts';
import { metadataOf } from './resources/object-metadata.ts';
import type { FieldValidation, HandlerContext, RequestBody, WriteRequest } from './resources/handler-context.ts';
import { listObjects, parseVersion } from './resources/list-objects.ts';
import type { ListPage, ListRequest } from './resources/list-objects.ts';
import { patchObject } from './resources/patch-object.ts';
import type { PatchBody } from './resources/patch-object.ts';
import { applyScale, patchScale, replaceScale, scaleOf } from './resources/scale.ts';
import { showsObject } from './resources/subresource-rules.ts';
import { replaceObject } from './resources/update-object.ts';
import { watchObjects } from './resources/watch-objects.ts';
import type { WatchRequest, WatchTarget } from './resources/watch-objects.ts';

/** Whom a call is made for, and what it is about. */
export interface Call extends Omit<ResourceRequest, 'verb'> {
  readonly user: User;
  readonly resource: Resource;
  /** What it has been authorized for already: see `permitted`. */
  readonly allowed?: RequestAttributes | undefined;
}

/** A call that writes. */
export interface WriteCall extends Call {
  readonly dryRun?: boolean | undefined;
  readonly fieldValidation?: FieldValidation | undefined;
  /** Whom the written fields belong to. */
  readonly fieldManager?: string | undefined;
  /** Collects what the client is warned of. */
  readonly warnings?: string[] | undefined;
}

/** An answer: a stored object, or one that was made for this call. */
export type Answer = StoredObject | Readonly<Record<string, unknown>>;

/** The answer to a write, and whether it made the object. */
export interface WriteOutcome {
  readonly answer: Answer;
  readonly created: boolean;
}

/** What the API is made of beside the handlers. */
export interface ApiParts {
  readonly authorizer: Authorizer;
  /** What is served; kinds that came later are found by their names. */
  readonly resources?: ServedResources | undefined;
  readonly virtualResources: readonly VirtualResource[];
  readonly virtualSubresources: readonly VirtualSubresource[];
}

/** The API without a transport: HTTP and the in-process client both come here. Failures are StatusErrors. */
export class Api {
  readonly context: HandlerContext;
  readonly #parts: ApiParts;
  readonly #components = new Set<string>();
  readonly #isInProcess = (component: string): boolean => this.#components.has(component);

  constructor(context: HandlerContext, parts: ApiParts) {
    this.context = context;
    this.#parts = parts;
  }

  /** Notes that a component, such as kube-scheduler, has a client in this process. */
  noteComponent(name: string): void {
    this.#components.add(name);
  }

  /** The kind as it is served now: of custom kinds clients may know no more than the names. */
  served(resource: Resource): Resource {
    return this.#parts.resources?.find(resource.group, resource.version, resource.plural) ?? resource;
  }

  /** Throws Forbidden unless the authorizer allows; a promise where somebody else has to be asked. */
  authorize(attributes: RequestAttributes): void | Promise<void> {
    const decision = this.#parts.authorizer.authorize(attributes);
    if (decision instanceof Promise) return decision.then((found) => refuseUnless(found, attributes));
    return refuseUnless(decision, attributes);
  }

  /** The call, once it is authorized: nobody's body is read before it is known that they may send one. */
  permitted<C extends Call>(call: C, verb: string): C | Promise<C> {
    return andThen(this.#allowed(call, verb), (allowed) => ({ ...call, allowed }));
  }

  /** At once unless the cache is behind. `resourceVersion`: as of then or later; default: as it is now. */
  get(call: Call, resourceVersion?: string): Answer | Promise<Answer> {
    const allowed = this.#allowed(call, 'get');
    if (allowed instanceof Promise) return allowed.then(() => this.#find(call, resourceVersion));
    return this.#find(call, resourceVersion);
  }

  #find(call: Call, resourceVersion: string | undefined): Answer | Promise<Answer> {
    const { resource } = call;
    if (resource === ComponentStatus) return this.#componentStatus(call.name ?? '');
    const version = parseVersion(resourceVersion);
    const current =
      version === undefined
        ? currentObject(this.context, resource, keyOf(call))
        : objectSince(this.context, { resource, key: keyOf(call), version });
    return current instanceof Promise ? current.then((found) => this.#read(call, found)) : this.#read(call, current);
  }

  #read({ resource, subresource = '' }: Call, current: StoredObject): Answer {
    if (subresource === 'scale') return scaleOf(resource, current.object) as unknown as Record<string, unknown>;
    if (showsObject(resource, subresource)) return current;
    throw methodNotSupported();
  }

  list(call: Call, request: ListRequest): Promise<ListPage> {
    const allowed = this.#allowed({ ...call, ...request }, 'list');
    if (allowed instanceof Promise) return allowed.then(() => this.#list(call, request));
    return this.#list(call, request);
  }

  #list(call: Call, request: ListRequest): Promise<ListPage> {
    if (call.resource === ComponentStatus) return this.#componentStatuses(request);
    return listObjects(this.context, call.resource, { ...request, namespace: call.namespace });
  }

  async #componentStatuses(request: ListRequest): Promise<ListPage> {
    const selection = parseSelection(ComponentStatus, request);
    return {
      items: componentStatuses(this.context, selection, this.#isInProcess),
      revision: this.context.caches.revision,
    };
  }

  #componentStatus(name: string): StoredObject {
    const [found] = componentStatuses(this.context, { name, matches: undefined }, this.#isInProcess);
    if (!found) throw notFoundError(ComponentStatus, name);
    return found;
  }

  watch(call: Call, request: WatchRequest, target: WatchTarget): Promise<Watcher> {
    const allowed = this.#allowed({ ...call, ...request }, 'watch');
    const begin = (): Promise<Watcher> =>
      watchObjects(this.context, call.resource, { request: { ...request, namespace: call.namespace }, target });
    return allowed instanceof Promise ? allowed.then(begin) : begin();
  }

  async create(call: WriteCall, body: RequestBody): Promise<Answer> {
    const pending = this.#write(call, 'create');
    const request = pending instanceof Promise ? await pending : pending;
    const { resource, subresource = '' } = call;
    if (subresource !== '') return this.#createSubresource(request, body);
    const virtual = this.#parts.virtualResources.find((candidate) => candidate.resource === resource);
    if (!virtual) {
      if (!resource.verbs.includes('get')) throw methodNotSupported();
      return createObject(this.context, request, body);
    }
    const object = decodeBody(resource, body, request);
    const admitting = this.#admit(request, { object });
    if (admitting) await admitting;
    return virtual.create(object, request.attributes, request);
  }

  async #createSubresource(request: WriteRequest, body: RequestBody): Promise<Answer> {
    const { resource, attributes, dryRun, warnings } = request;
    const virtual = this.#parts.virtualSubresources.find(
      ({ parent, subresource }) => parent === resource && subresource === attributes.subresource,
    );
    if (!virtual) throw methodNotSupported();
    const object = decodeBody(virtual.resource, body, request);
    const admitting = this.#admit(request, { object, objectKind: virtual.resource });
    if (admitting) await admitting;
    try {
      return await virtual.create(object, { attributes, dryRun, warnings });
    } catch (error) {
      throw storeFailure(error);
    }
  }

  /** Lets admission look at, and change, what is answered and not stored. */
  #admit(
    { attributes, resource, dryRun, warnings }: WriteRequest,
    body: Pick<AdmissionRequest, 'object' | 'objectKind'>,
  ): Promise<void> | void {
    const { annotate } = attributes;
    const request = { attributes, resource, dryRun, warnings, annotate, ...body } as const;
    const admission: AdmissionRequest = { operation: 'CREATE', old: undefined, ...request };
    const { admission: chain } = this.context;
    const admitting = chain.admit(admission);
    return admitting ? admitting.then(() => chain.validate(admission)) : chain.validate(admission);
  }

  /** `created` when the object was not there before. */
  async update(call: WriteCall, body: RequestBody): Promise<WriteOutcome> {
    const pending = this.#write(call, 'update');
    const request = pending instanceof Promise ? await pending : pending;
    if (!call.subresource) return this.#replaceOrCreate(call, request, body);
    if (call.subresource !== 'scale') {
      return { answer: await replaceObject(this.context, request, body), created: false };
    }
    const scale = await replaceScale(this.context, request, body);
    return { answer: scale as unknown as Record<string, unknown>, created: false };
  }

  /** A replace makes the object of kinds that allow it, of those who may create; unless they have seen a version of it. */
  async #replaceOrCreate(call: WriteCall, request: WriteRequest, body: RequestBody): Promise<WriteOutcome> {
    try {
      return { answer: await replaceObject(this.context, request, body), created: false };
    } catch (error) {
      if (!hasReason(error, 'NotFound') || !isCreatedByReplace(call.resource)) throw error;
      const { name, resourceVersion, uid } = metadataOf(decodeBody(call.resource, body, request));
      if (name !== call.name || resourceVersion || uid) throw error;
      return { answer: await createObject(this.context, await this.#write(call, 'create'), body), created: true };
    }
  }

  async patch(call: WriteCall, patch: PatchBody): Promise<Answer> {
    const pending = this.#write(call, 'patch');
    const request = pending instanceof Promise ? await pending : pending;
    if (call.subresource !== 'scale') return patchObject(this.context, request, patch);
    return (await patchScale(this.context, request, patch)) as unknown as Record<string, unknown>;
  }

  /** Server-side apply: `created` when the object was not there before. */
  async apply(call: WriteCall, apply: ApplyBody): Promise<WriteOutcome> {
    const pending = this.#write(call, 'patch');
    const request = pending instanceof Promise ? await pending : pending;
    if (call.subresource === 'scale') {
      const scale = await applyScale(this.context, request, apply);
      return { answer: scale as unknown as Record<string, unknown>, created: false };
    }
    const mayCreate = async (): Promise<void> => void (await this.#allowed(call, 'create'));
    const { stored, created } = await applyObject(this.context, request, { apply, mayCreate });
    return { answer: stored, created };
  }

  delete(call: WriteCall, options: DeleteOptions): Promise<DeleteOutcome> {
    const request = this.#write(call, 'delete', options);
    if (request instanceof Promise) return request.then((allowed) => deleteObject(this.context, allowed, options));
    return deleteObject(this.context, request, options);
  }

  deleteCollection(call: WriteCall, listed: ListRequest, options: DeleteOptions): Promise<readonly StoredObject[]> {
    const request = this.#write({ ...call, ...listed }, 'deletecollection', options);
    const selected = { listed: { ...listed, namespace: call.namespace }, options };
    if (request instanceof Promise) return request.then((allowed) => deleteCollection(this.context, allowed, selected));
    return deleteCollection(this.context, request, selected);
  }

  #write(call: WriteCall, verb: string, options?: DeleteOptions): WriteRequest | Promise<WriteRequest> {
    return andThen(this.#allowed(call, verb), (attributes) => ({
      resource: call.resource,
      attributes,
      dryRun: (call.dryRun ?? false) || (options?.dryRun?.includes('All') ?? false),
      fieldValidation: call.fieldValidation ?? 'Ignore',
      fieldManager: call.fieldManager,
      warnings: call.warnings ?? [],
    }));
  }

  #allowed(call: Call, verb: string): RequestAttributes | Promise<RequestAttributes> {
    if (call.allowed?.verb === verb) return call.allowed;
    const attributes = attributesOf(call.user, call.resource, { ...call, verb });
    const pending = this.authorize(attributes);
    if (pending) return pending.then(() => served(call, attributes));
    return served(call, attributes);
  }
}

/** Nobody learns what is not served before it is known whether they may ask. */
function served({ resource, subresource = '' }: Call, attributes: RequestAttributes): RequestAttributes {
  if (subresource === '' && !resource.verbs.some((known) => known === attributes.verb)) throw methodNotSupported();
  if (subresource !== '' && !resource.subresources.includes(subresource)) throw notServedError();
  return attributes;
}

function refuseUnless({ allowed, reason, error }: Decision, attributes: RequestAttributes): void {
  if (!allowed && error !== undefined) {
    attributes.annotate?.('authorization.k8s.io/reason', 'internal error');
    throw new StatusError('InternalError', `Internal error occurred: ${error}`);
  }
  attributes.annotate?.('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
  attributes.annotate?.('authorization.k8s.io/reason', reason);
  if (!allowed) throw forbiddenError(attributes, reason);
}

function keyOf({ namespace, name = '', resource }: Call): { readonly namespace?: string; readonly name: string } {
  return resource.namespaced && namespace ? { namespace, name } : { name };
}
