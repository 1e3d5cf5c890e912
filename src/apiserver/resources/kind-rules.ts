/** Where single kinds differ in how they are written; everything else is the same for all. */
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { Lease } from '../../api/coordination/lease.ts';
import type { Resource } from '../../machinery/resource.ts';

/** Kinds with a spec whose generation upstream does not count. */
const ungenerated = new Set<string>([Namespace, Node, Service, Lease].map(({ qualified }) => qualified));

/** Kinds whose labels and annotations a write of the status may change: their agents do so. */
const statusWritesMetadata = new Set<string>([Node, Pod].map(({ qualified }) => qualified));

/** Whether a change of the spec raises `metadata.generation`. */
export function countsGeneration(resource: Resource): boolean {
  return 'spec' in resource.schema.fields && !ungenerated.has(resource.qualified);
}

/** Whether writes of the status keep the labels and annotations that they carry. */
export function keepsMetadataOnStatusWrite(resource: Resource): boolean {
  return statusWritesMetadata.has(resource.qualified);
}

/** Whether objects carry a status that only the `status` subresource may write. */
export function hasStatus(resource: Resource): boolean {
  return resource.subresources.includes('status') && 'status' in resource.schema.fields;
}

/** Whether this is the kind Pod: deleted gracefully, by its kubelet. */
export function isPodKind(resource: Resource): boolean {
  return resource.qualified === Pod.qualified;
}

/** Whether this is the kind Namespace: deleted once its contents are, when `spec.finalizers` is empty. */
export function isNamespaceKind(resource: Resource): boolean {
  return resource.qualified === Namespace.qualified;
}
