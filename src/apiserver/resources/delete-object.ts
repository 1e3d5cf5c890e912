import { hasReason } from '../../base/errors.ts';
import type { StatusError } from '../../base/errors.ts';
import { Namespace } from '../../api/core/namespace.ts';
import type { DeleteOptions } from '../../machinery/meta.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { bytesToStore } from '../cache/object-bytes.ts';
import { parseSelection } from '../cache/selection.ts';
import { storageKey } from '../cache/storage-key.ts';
import { StoredObject } from '../cache/stored-object.ts';
import type { AdmissionRequest } from '../ports.ts';
import { conflictError, isRefusal, notFoundError, refusedAs, storeFailure } from './api-errors.ts';
import { planDeletion, validateDeleteOptions } from './deletion-rules.ts';
import type { Deletion } from './deletion-rules.ts';
import { keyOfRequest, lifetimeOf, objectToTry, wasOutdated, writtenObject } from './handler-context.ts';
import type { HandlerContext, WriteRequest } from './handler-context.ts';
import type { ListRequest } from './list-objects.ts';
import { checkListOptions } from './list-options.ts';
import { isNamespaceKind } from './kind-rules.ts';
import { copyOf } from './subresource-rules.ts';

/** What became of a delete: the object is gone (`removed`), or it is on its way. */
export interface DeleteOutcome {
  readonly object: StoredObject;
  readonly removed: boolean;
}

const conflictRetries = 30;

/** Deletes an object, or begins its deletion. */
export async function deleteObject(
  context: HandlerContext,
  request: WriteRequest,
  options: DeleteOptions,
): Promise<DeleteOutcome> {
  const { resource, attributes } = request;
  validateDeleteOptions(options);
  const isOpen = options.propagationPolicy === undefined && options.orphanDependents === undefined;
  const warning = isOpen ? resource.orphansDependents?.warning : undefined;
  if (warning !== undefined && !request.warnings.includes(warning)) request.warnings.push(warning);
  const key = keyOfRequest(request);
  for (let attempt = 1; ; attempt++) {
    const write = { resource, key, attempt };
    const current = await objectToTry(context, write);
    try {
      const outcome = await deleteOnce(context, request, { key, current, options });
      // What was not written may be news to an object that is not as it was taken for.
      const isWritten = !request.dryRun && (outcome.removed || outcome.object !== current);
      if (isWritten || !(await wasOutdated(context, write, current))) return outcome;
    } catch (error) {
      if (refusedAs(error, 'notFound')) throw notFoundError(resource, attributes.name);
      if (isRefusal(error) && (await wasOutdated(context, write, current))) continue;
      if (!refusedAs(error, 'conflict') || attempt >= conflictRetries) throw storeFailure(error);
    }
  }
}

/** Deletes everything that is selected; what vanishes meanwhile is no error. Returns what was deleted, as it was. */
export async function deleteCollection(
  context: HandlerContext,
  request: WriteRequest,
  { listed, options }: { readonly listed: ListRequest; readonly options: DeleteOptions },
): Promise<readonly StoredObject[]> {
  checkListOptions(listed);
  validateDeleteOptions(options);
  await context.caches.fresh();
  const { resource, attributes } = request;
  await context.caches.of(resource).converted();
  const selected = context.caches.of(resource).page(parseSelection(resource, listed), listed.limit).items;
  const outcomes = await Promise.allSettled(
    selected.map(({ object }) => {
      const { name, namespace = '' } = object.metadata;
      return deleteObject(context, { ...request, attributes: { ...attributes, name, namespace } }, options);
    }),
  );
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && !hasReason(outcome.reason, 'NotFound')) throw outcome.reason;
  }
  return selected;
}

interface DeleteAttempt {
  readonly key: ObjectKey;
  readonly current: StoredObject;
  readonly options: DeleteOptions;
}

async function deleteOnce(
  context: HandlerContext,
  request: WriteRequest,
  { key, current, options }: DeleteAttempt,
): Promise<DeleteOutcome> {
  const { resource, attributes, dryRun, warnings } = request;
  const old = current.object;
  const plan = planDeletion(resource, { object: old, copy: copyOf(current) }, { options, now: context.clock.now() });
  const admission: AdmissionRequest = {
    attributes,
    operation: 'DELETE',
    resource,
    object: undefined,
    old,
    dryRun,
    warnings,
    annotate: attributes.annotate,
  };
  return context.admission.around(
    admission,
    async () => {
      const admitting = context.admission.admit(admission);
      if (admitting) await admitting;
      const judging = context.admission.validate(admission);
      if (judging) await judging;
      return carryOut(context, request, { key, current, plan });
    },
    ({ removed }) => removed,
  );
}

interface PlannedDeletion {
  readonly key: ObjectKey;
  readonly current: StoredObject;
  readonly plan: Deletion;
}

async function carryOut(
  context: HandlerContext,
  { resource, dryRun }: WriteRequest,
  { key, current, plan }: PlannedDeletion,
): Promise<DeleteOutcome> {
  const storeKey = storageKey(resource, key);
  if (plan.act === 'wait') {
    if (isNamespaceKind(resource)) throw namespaceIsGoing(key.name);
    return { object: current, removed: false };
  }
  if (plan.act === 'remove') {
    if (!dryRun) await context.store.delete(storeKey, current.revision);
    return { object: current, removed: true };
  }
  if (dryRun) return { object: StoredObject.unstored(plan.draft), removed: false };
  if (equalJson(plan.draft, current.object)) return { object: current, removed: false };
  const value = await bytesToStore(resource, plan.draft);
  const revision = await context.store.update(storeKey, value, current.revision, lifetimeOf(context, resource));
  return {
    object: await writtenObject(context, { resource, key, value, revision }),
    removed: false,
  };
}

function namespaceIsGoing(name: string): StatusError {
  return conflictError(
    Namespace,
    name,
    'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.',
  );
}
