import { andThen } from '../../base/and-then.ts';
import { timestamp } from '../../base/clock.ts';
import type { FieldManagers } from '../../machinery/apply/field-managers.ts';
import { invalid } from '../../machinery/field-error.ts';
import { equalBut, equalJson } from '../../machinery/patch/equal-json.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { bytesToStore } from '../cache/object-bytes.ts';
import { storageKey } from '../cache/storage-key.ts';
import { StoredObject } from '../cache/stored-object.ts';
import type { AdmissionRequest } from '../ports.ts';
import {
  badRequest,
  conflictError,
  invalidError,
  isRefusal,
  notFoundError,
  refusedAs,
  storeFailure,
} from './api-errors.ts';
import { decodeBody } from './decode-body.ts';
import { isFinallyDeleted } from './deletion-rules.ts';
import { differOnlyInTime, keepReadable, ownUpdated, setManagers } from './field-ownership.ts';
import { keyOfRequest, lifetimeOf, objectToTry, wasOutdated, writtenObject } from './handler-context.ts';
import type { Draft, HandlerContext, RequestBody, WriteRequest } from './handler-context.ts';
import { countsGeneration, hasStatus } from './kind-rules.ts';
import { keepSystemMetadata, metadataOf, settleNamespace } from './object-metadata.ts';
import { mergeSubresource, writesStatus } from './subresource-rules.ts';
import { validateObject } from './validate-object.ts';

/** How often an update that names no version is tried again when another writer was faster. */
const conflictRetries = 300;

/** The next version of an object as a request wants it. */
export interface NextVersion {
  readonly draft: Draft;
  /** The client named the version it has seen: a newer one is a conflict, not a reason to try again. */
  readonly versioned: boolean;
  /** Who manages its fields, if that is settled already. */
  readonly managers?: FieldManagers | undefined;
}

/** Makes the next version from the current one. Called anew when another writer was faster. */
export type MakeNext = (current: StoredObject) => NextVersion | Promise<NextVersion>;

/** Replaces an object by a request's body. */
export function replaceObject(
  context: HandlerContext,
  request: WriteRequest,
  body: RequestBody,
): Promise<StoredObject> {
  return updateObject(context, request, () => {
    const draft = decodeBody(request.resource, body, request);
    const metadata = metadataOf(draft);
    // Zero stands for any version, as nothing does.
    if (metadata.resourceVersion === '0') delete metadata.resourceVersion;
    if (request.resource.replacedByVersion && !metadata.resourceVersion) {
      const fault = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
      throw invalidError(request.resource, request.attributes.name, [fault]);
    }
    return { draft, versioned: Boolean(metadata.resourceVersion) };
  });
}

/** Brings an object to its next version: admission, validation, compare-and-swap. */
export async function updateObject(
  context: HandlerContext,
  request: WriteRequest,
  next: MakeNext,
): Promise<StoredObject> {
  const { resource, attributes } = request;
  const key = keyOfRequest(request);
  const place = storageKey(resource, key);
  for (let attempt = 1; ; attempt++) {
    using _turn = attempt > 1 || context.turns.isBusy(place) ? await context.turns.take(place) : undefined;
    const write = { resource, key, attempt };
    const current = (await objectToTry(context, write)).forOneRequest();
    request.warnings.length = 0;
    let versioned = false;
    try {
      const making = next(current);
      const made = making instanceof Promise ? await making : making;
      ({ versioned } = made);
      const writing = updateOnce(context, request, { key, current, ...made });
      const written = writing instanceof Promise ? await writing : writing;
      // What was not written may be news to an object that is not as it was taken for.
      const isWritten = !request.dryRun && written !== current;
      if (isWritten || !(await wasOutdated(context, write, current))) return written;
    } catch (error) {
      if (refusedAs(error, 'notFound')) throw notFoundError(resource, attributes.name);
      if (!refusedAs(error, 'conflict')) {
        if (isRefusal(error) && (await wasOutdated(context, write, current))) continue;
        throw storeFailure(error);
      }
      if (versioned || attempt >= conflictRetries) throw conflictError(resource, attributes.name);
    }
  }
}

interface UpdateAttempt {
  readonly key: ObjectKey;
  readonly current: StoredObject;
  readonly draft: Draft;
  readonly managers?: FieldManagers | undefined;
}

function updateOnce(
  context: HandlerContext,
  request: WriteRequest,
  { key, current, draft: sent, managers }: UpdateAttempt,
): StoredObject | Promise<StoredObject> {
  const { resource, attributes } = request;
  const old = current.object;
  checkIdentity(request, sent, old);
  const entries = metadataOf(sent).managedFields;
  keepSystemMetadata(sent, old);
  const draft = mergeSubresource(resource, attributes.subresource, { sent, current });
  const owning = managers ? setManagers(draft, managers) : ownUpdated(context, request, { old, draft, entries });
  const owned = { key, current, draft };
  return andThen(owning, () => admitOwned(context, request, owned));
}

/** Goes on with a draft whose fields have their managers. What need not be waited for takes no turn of anything. */
function admitOwned(
  context: HandlerContext,
  request: WriteRequest,
  { key, current, draft }: UpdateAttempt,
): StoredObject | Promise<StoredObject> {
  const { resource, attributes, dryRun, warnings } = request;
  const old = current.object;
  if (writesStatus(resource, attributes.subresource)) {
    const { subresource } = attributes;
    resource.prepareForStatus?.(draft as never, old, { subresource, now: timestamp(context.clock.now()) });
  }
  const admission: AdmissionRequest = {
    attributes,
    operation: 'UPDATE',
    resource,
    object: draft,
    old,
    dryRun,
    warnings,
    annotate: attributes.annotate,
  };
  return context.admission.around(
    admission,
    () => admitAndStore(context, request, { key, current, draft, admission }),
    () => isFinallyDeleted(resource, draft),
  );
}

interface AdmittedUpdate extends UpdateAttempt {
  readonly admission: AdmissionRequest;
}

function admitAndStore(
  context: HandlerContext,
  request: WriteRequest,
  update: AdmittedUpdate,
): StoredObject | Promise<StoredObject> {
  const entries = metadataOf(update.draft).managedFields;
  return andThen(context.admission.admit(update.admission), () => {
    keepReadable(update.draft, { entries, warnings: request.warnings });
    return judgeAndStore(context, request, update);
  });
}

function judgeAndStore(
  context: HandlerContext,
  request: WriteRequest,
  { key, current, draft, admission }: AdmittedUpdate,
): StoredObject | Promise<StoredObject> {
  const { resource, attributes } = request;
  const old = current.object;
  if (attributes.subresource === '') resource.prepareForUpdate?.(draft as never, old);
  // A pod that gets its node is still the pod that its author wrote.
  const authored = attributes.subresource !== 'binding';
  if (authored && countsGeneration(resource) && specChanged(resource, draft, old)) {
    metadataOf(draft).generation = (old.metadata.generation ?? 0) + 1;
  }
  validateObject({ resource, object: draft, old, subresource: attributes.subresource });
  return andThen(context.admission.validate(admission), () => {
    const { subresource } = attributes;
    if (resource.warnings) request.warnings.push(...resource.warnings(draft, { old, subresource }));
    return store(context, request, { key, current, draft });
  });
}

function store(
  context: HandlerContext,
  { resource, dryRun }: WriteRequest,
  { key, current, draft }: UpdateAttempt,
): StoredObject | Promise<StoredObject> {
  if (dryRun) return StoredObject.unstored(draft);
  const place = storageKey(resource, key);
  const { revision: expected } = current;
  if (isFinallyDeleted(resource, draft))
    return context.store.delete(place, expected).then(() => StoredObject.unstored(draft));
  const put = (value: Buffer): Promise<StoredObject> =>
    context.store
      .update(place, value, expected, lifetimeOf(context, resource))
      .then((revision) => writtenObject(context, { resource, key, value, revision }));
  const write = (): StoredObject | Promise<StoredObject> => andThen(bytesToStore(resource, draft), put);
  if (!isUnchanged(draft, current.object) || isOutdated(resource, current)) return write();
  return andThen(context.store.isOutdated?.(place) ?? false, (isStale) => (isStale ? write() : current));
}

/** That fields were written anew does not make another version of an object, if they are the same for the same managers. */
function isUnchanged(draft: Draft, old: ApiObject): boolean {
  const metadata = metadataOf(draft);
  const { managedFields } = old.metadata;
  // What nearly every write changes is looked at first.
  if (!equalBut(draft, old, isMetadata)) return false;
  const same = metadata.managedFields === managedFields || differOnlyInTime(metadata.managedFields, managedFields);
  return equalJson(same ? { ...metadata, managedFields } : metadata, old.metadata);
}

function checkIdentity(request: WriteRequest, draft: Draft, old: ApiObject): void {
  const { resource, attributes } = request;
  const { name, uid, resourceVersion } = metadataOf(draft);
  if (!name)
    throw badRequest(
      `the name of the object (${attributes.name} based on URL) was undeterminable: name must be provided`,
    );
  if (name !== attributes.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${attributes.name})`);
  }
  settleNamespace(draft, request);
  if (uid && uid !== old.metadata.uid) {
    throw conflictError(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    if (!/^\d+$/.test(resourceVersion)) throw badRequest(`invalid resource version ${JSON.stringify(resourceVersion)}`);
    throw conflictError(resource, name);
  }
}

/** A write that changes nothing still brings a custom resource into the version that is stored now. */
function isOutdated({ custom }: Resource, { storedVersion }: StoredObject): boolean {
  return custom !== undefined && storedVersion !== undefined && storedVersion !== custom.storageVersion;
}

/** Whether anything but the metadata differs, and the status where that is written on its own. */
function specChanged(resource: Resource, draft: Draft, old: ApiObject): boolean {
  const hasOwnStatus = !resource.custom || hasStatus(resource);
  return !equalBut(draft, old, (name) => isMetadata(name) || (name === 'status' && hasOwnStatus));
}

const isMetadata = (name: string): boolean => name === 'metadata';
