/** The parts of an object's metadata that belong to the system. Source: apiserver's registry/rest. */
import { timestamp } from '../../base/clock.ts';
import { randomSuffix } from '../../base/random.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import { badRequest } from './api-errors.ts';
import type { Draft, HandlerContext, WriteRequest } from './handler-context.ts';
import { countsGeneration } from './kind-rules.ts';

/** The longest base of a generated name. Source: apiserver's storage/names. */
const maxGeneratedBase = 63 - 5;

/** The metadata of a draft, writable. */
export function metadataOf(draft: Draft): Partial<Writable<ObjectMeta>> {
  return draft.metadata as Partial<Writable<ObjectMeta>>;
}

/** Gives a draft the namespace of the path; none to what is in none. Throws BadRequest when it says another. */
export function settleNamespace(draft: Draft, { resource, attributes }: WriteRequest): void {
  const metadata = metadataOf(draft);
  if (!resource.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== attributes.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = attributes.namespace;
}

/** Replaces `generateName` by a name, if the draft has none. */
export function settleName(draft: Draft, { random }: HandlerContext): void {
  const metadata = metadataOf(draft);
  if (metadata.name || !metadata.generateName) return;
  metadata.name = metadata.generateName.slice(0, maxGeneratedBase) + randomSuffix(random);
}

/** Sets what the system says of a new object. */
export function initialMetadata(draft: Draft, request: WriteRequest, { clock, random }: HandlerContext): void {
  const metadata = metadataOf(draft);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.managedFields;
  delete metadata.resourceVersion;
  delete metadata.generation;
  metadata.uid = random.uuid();
  metadata.creationTimestamp = timestamp(clock.now());
  if (countsGeneration(request.resource)) metadata.generation = 1;
}

/** Keeps what the system said of an object through an update, whatever the client sent. */
export function keepSystemMetadata(draft: Draft, old: ApiObject): void {
  const metadata = metadataOf(draft);
  const kept = old.metadata;
  restore(metadata, kept, 'uid');
  restore(metadata, kept, 'creationTimestamp');
  // What begins a deletion is left as the client has it: that it may not is for the validation to say.
  if (kept.deletionTimestamp) restore(metadata, kept, 'deletionTimestamp');
  if (metadata.deletionGracePeriodSeconds === undefined) restore(metadata, kept, 'deletionGracePeriodSeconds');
  restore(metadata, kept, 'generation');
  restore(metadata, kept, 'resourceVersion');
  delete metadata.selfLink;
  delete metadata.managedFields;
}

type SystemMember =
  | 'uid'
  | 'creationTimestamp'
  | 'deletionTimestamp'
  | 'deletionGracePeriodSeconds'
  | 'generation'
  | 'resourceVersion';

function restore<M extends SystemMember>(
  metadata: Partial<Writable<Pick<ObjectMeta, SystemMember>>>,
  kept: Pick<ObjectMeta, SystemMember>,
  member: M,
): void {
  if (kept[member] !== undefined) metadata[member] = kept[member];
  else if (metadata[member] !== undefined) delete metadata[member];
}
