/** When and how objects go. Pure. Source: apiserver's registry/rest/delete.go, the pod and namespace strategies. */
import { timestamp } from '../../base/clock.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Namespace } from '../../api/core/namespace.ts';
import type { DeleteOptions } from '../../machinery/meta.ts';
import { invalid, notSupported } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { conflictError, invalidOptions } from './api-errors.ts';
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
  const grace = graceOf(resource, object, request);
  if (!grace) return { act: 'wait' };
  const finalizers = finalizersAfter(resource, copy, options);
  const pending = isNamespaceKind(resource) && ((object as Namespace).spec.finalizers?.length ?? 0) > 0;
  if (grace.seconds === 0 && finalizers.length === 0 && !pending) return { act: 'remove' };
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  const at = timestamp(grace.at);
  const sameFinalizers = JSON.stringify(finalizers) === JSON.stringify(object.metadata.finalizers ?? []);
  const sameGrace = deletionTimestamp === at && deletionGracePeriodSeconds === grace.seconds;
  if (sameGrace && sameFinalizers) return { act: 'wait' };
  const metadata = metadataOf(copy);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  metadata.deletionTimestamp = at;
  metadata.deletionGracePeriodSeconds = grace.seconds;
  if (!deletionTimestamp && metadata.generation) metadata.generation += 1;
  if (pending) copy['status'] = { ...(object as Namespace).status, phase: 'Terminating' };
  return { act: 'mark', draft: copy };
}

/** How long an object has, and until when. */
interface Grace {
  readonly seconds: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The time that an object gets; undefined when it is going already, and would not go any sooner. */
function graceOf(
  resource: Resource,
  object: ApiObject,
  { options, now }: { readonly options: DeleteOptions; readonly now: number },
): Grace | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  const began = deletionTimestamp ? Date.parse(deletionTimestamp) : undefined;
  const asked = (options.gracePeriodSeconds ?? 0) < 0 ? 1 : options.gracePeriodSeconds;
  if (!isPodKind(resource) || (began !== undefined && deletionGracePeriodSeconds === 0)) {
    return { seconds: 0, at: Math.min(began ?? now, now) };
  }
  if (began === undefined) {
    const seconds = podGraceSeconds(object as Pod, asked);
    return { seconds, at: now + seconds * 1000 };
  }
  if (asked === undefined || asked >= deletionGracePeriodSeconds) return undefined;
  // Shortening a grace period counts from when the deletion began, not from now; what is over is over.
  const at = began + (asked - deletionGracePeriodSeconds) * 1000;
  return at < now ? { seconds: Math.min(asked, 1), at: now } : { seconds: asked, at };
}

/** Whether an update leaves an object that nothing keeps any longer. */
export function isFinallyDeleted(resource: Resource, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || (finalizers?.length ?? 0) > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return !isNamespaceKind(resource) || ((object as Namespace).spec.finalizers?.length ?? 0) === 0;
}

/** Throws Invalid for options that contradict themselves. */
export function validateDeleteOptions({ propagationPolicy, orphanDependents, dryRun = [] }: DeleteOptions): void {
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalid('propagationPolicy', propagationPolicy, detail));
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil']));
  }
  if (dryRun.some((value) => value !== 'All')) errors.push(notSupported('dryRun', dryRun, ['All']));
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
}

const policies: readonly string[] = ['Foreground', 'Background', 'Orphan'];

function checkPreconditions(resource: Resource, object: ApiObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion, name } = object.metadata;
  const { kind, group } = resource;
  // Upstream names the kind here, where other conflicts name the resource.
  const named = { kind, group, plural: kind, qualified: group === '' ? kind : `${kind}.${group}` };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflictError(
      named,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflictError(
      named,
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
  const others = present.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (resource.ownsNothing) return others;
  const policy = propagationPolicy ?? (orphanDependents ? 'Orphan' : undefined);
  if (policy === undefined && orphanDependents === undefined) {
    const isSettled = present.includes(orphan) || present.includes(foreground);
    return resource.orphansDependents && !isSettled ? [...present, orphan] : present;
  }
  if (policy === 'Orphan') return [...others, orphan];
  return policy === 'Foreground' ? [...others, foreground] : others;
}

function podGraceSeconds({ spec, status }: Pod, asked: number | undefined): number {
  // Nobody runs it, so nobody would end it.
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 30;
  return seconds < 0 ? 1 : seconds;
}
