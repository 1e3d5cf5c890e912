/** When and how objects go. Pure. Source: apiserver's registry/rest/delete.go, the pod and namespace strategies. */
import { StatusError } from '../../base/errors.ts';
import { timestamp } from '../../base/clock.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Namespace } from '../../api/core/namespace.ts';
import type { DeleteOptions } from '../../machinery/meta.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { conflictError } from './api-errors.ts';
import type { Draft } from './handler-context.ts';
import { isNamespaceKind, isPodKind } from './kind-rules.ts';
import { metadataOf } from './object-metadata.ts';

/** What a delete does: removes the object, changes it to say that it is to go, or finds that it is going already. */
export type Deletion =
  | { readonly act: 'remove' }
  | { readonly act: 'mark'; readonly draft: Draft }
  | { readonly act: 'wait' };

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/** Decides what deleting `object` means now. `copy` is a copy of it that may be changed. */
export function planDeletion(
  resource: Resource,
  { object, copy }: { readonly object: ApiObject; readonly copy: Draft },
  request: { readonly options: DeleteOptions; readonly now: number },
): Deletion {
  const { options, now } = request;
  checkPreconditions(resource, object, options);
  if (!object.metadata.deletionTimestamp) resource.prepareForDelete?.(copy as never, { now: timestamp(now) });
  const finalizers = finalizersAfter(resource, copy, options);
  const seconds = graceSeconds(resource, object, options);
  const pending = isNamespaceKind(resource) && ((object as Namespace).spec.finalizers?.length ?? 0) > 0;
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  if (seconds === 0 && finalizers.length === 0 && !pending) return { act: 'remove' };
  const sameFinalizers = JSON.stringify(finalizers) === JSON.stringify(object.metadata.finalizers ?? []);
  if (deletionTimestamp && seconds >= (deletionGracePeriodSeconds ?? 0) && sameFinalizers) return { act: 'wait' };
  const metadata = metadataOf(copy);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (!deletionTimestamp || seconds < (deletionGracePeriodSeconds ?? 0)) {
    metadata.deletionTimestamp = timestamp(deletionTime(object, { now, seconds }));
    metadata.deletionGracePeriodSeconds = seconds;
    if (!deletionTimestamp && metadata.generation) metadata.generation += 1;
  }
  if (pending) copy['status'] = { ...(object as Namespace).status, phase: 'Terminating' };
  return { act: 'mark', draft: copy };
}

/** Shortening a grace period counts from when the deletion began, not from now. */
function deletionTime(object: ApiObject, { now, seconds }: { now: number; seconds: number }): number {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  if (!deletionTimestamp) return now + seconds * 1000;
  return Date.parse(deletionTimestamp) + (seconds - deletionGracePeriodSeconds) * 1000;
}

/** Whether an update leaves an object that nothing keeps any longer. */
export function isFinallyDeleted(resource: Resource, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || (finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return !isNamespaceKind(resource) || ((object as Namespace).spec.finalizers?.length ?? 0) === 0;
}

/** Throws Invalid for options that contradict themselves. */
export function validateDeleteOptions({ propagationPolicy, orphanDependents, dryRun = [] }: DeleteOptions): void {
  const unheardOf = dryRun.find((value) => value !== 'All');
  if (unheardOf !== undefined) {
    const detail = `Unsupported value: ${JSON.stringify(unheardOf)}: supported values: "All"`;
    throw new StatusError('Invalid', `DeleteOptions.meta.k8s.io "" is invalid: dryRun: ${detail}`);
  }
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    throw new StatusError(
      'Invalid',
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: ${JSON.stringify(propagationPolicy)}: ${detail}`,
    );
  }
  if (propagationPolicy !== undefined && !['Orphan', 'Background', 'Foreground'].includes(propagationPolicy)) {
    const detail = `Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Background", "Foreground", "Orphan", "nil"`;
    throw new StatusError('Invalid', `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: ${detail}`);
  }
}

function checkPreconditions(resource: Resource, object: ApiObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion, name } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflictError(
      resource,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflictError(
      resource,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function finalizersAfter(
  resource: Resource,
  object: Draft,
  { propagationPolicy, orphanDependents }: DeleteOptions,
): string[] {
  const present = [...(object.metadata.finalizers ?? [])];
  const policy = propagationPolicy ?? (orphanDependents ? 'Orphan' : undefined);
  if (policy === undefined && orphanDependents === undefined) {
    const isSettled = present.includes(orphan) || present.includes(foreground);
    return resource.orphansDependents && !isSettled ? [...present, orphan] : present;
  }
  const others = present.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (policy === 'Orphan') return [...others, orphan];
  return policy === 'Foreground' ? [...others, foreground] : others;
}

function graceSeconds(resource: Resource, object: ApiObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (!isPodKind(resource)) return 0;
  const { spec, status } = object as Pod;
  // Nobody runs it, so nobody would end it.
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  const seconds = gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  return seconds < 0 ? 1 : seconds;
}
