/** Where single kinds differ in how they are written; everything else is the same for all. */
import { Event } from '../../api/core/event.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { statusMetadata } from '../../machinery/resource.ts';
import type { Resource, StatusMetadata } from '../../machinery/resource.ts';

/** Whether replacing an object that is not there makes it. */
export function isCreatedByReplace(resource: Resource): boolean {
  return resource.createdByReplace ?? false;
}

/** Whether a change of the spec raises `metadata.generation`. */
export function countsGeneration(resource: Resource): boolean {
  return resource.countsGeneration ?? 'spec' in resource.schema.fields;
}

/** The parts of the metadata that writes of the status may change. */
export function metadataOfStatusWrites(resource: Resource): readonly StatusMetadata[] {
  const kept = resource.keptFromStatus ?? [];
  return statusMetadata.filter((member) => !kept.includes(member));
}

/** Whether a delete that leaves nothing answers with the object that was, not with a Status. */
export function returnsDeletedObject(resource: Resource): boolean {
  return resource.answersWithDeleted ?? false;
}

/** Whether objects carry a status that only the `status` subresource may write. */
export function hasStatus(resource: Resource): boolean {
  return (
    resource.subresources.includes('status') && (resource.custom !== undefined || 'status' in resource.schema.fields)
  );
}

/** Whether this is the kind Pod: deleted gracefully, by its kubelet. */
export function isPodKind(resource: Resource): boolean {
  return resource.qualified === Pod.qualified;
}

/** Whether this is the kind Event, of either group: kept for a while only. */
export function isEventKind({ storedAs, qualified }: Resource): boolean {
  return (storedAs?.resource.qualified ?? qualified) === Event.qualified;
}

/** Whether this is the kind Namespace: deleted once its contents are, when `spec.finalizers` is empty. */
export function isNamespaceKind(resource: Resource): boolean {
  return resource.qualified === Namespace.qualified;
}
