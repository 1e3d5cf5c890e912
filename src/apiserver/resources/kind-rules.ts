/** Where single kinds differ in how they are written; everything else is the same for all. */
import { Deployment } from '../../api/apps/deployment.ts';
import { Endpoints } from '../../api/core/endpoints.ts';
import { Event } from '../../api/core/event.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Event as EventsV1Event } from '../../api/events/event.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { Resource } from '../../machinery/resource.ts';

/** Kinds with a spec whose generation upstream does not count. */
const ungenerated = new Set<string>([Namespace, Node, Service, Lease].map(({ qualified }) => qualified));

/** Metadata that a write of the status may change as well: what upstream's strategies do not put back. */
const statusMetadata: readonly MetadataMember[] = ['labels', 'annotations', 'finalizers', 'ownerReferences'];
/** What the strategies of these kinds do put back. */
const protectedFromStatus: Readonly<Record<string, readonly MetadataMember[]>> = {
  [Deployment.qualified]: ['labels'],
  [Pod.qualified]: ['ownerReferences'],
};

type MetadataMember = 'labels' | 'annotations' | 'finalizers' | 'ownerReferences';

/** Kinds whose deletion is answered by the deleted object, as that of those that go gracefully is. */
const answeredByObject = new Set<string>([Pod, Service, ServiceAccount].map(({ qualified }) => qualified));

/** Kinds of which a replace makes the missing object. Source: AllowCreateOnUpdate of upstream's strategies. */
const createdByReplace = new Set<string>(
  [Lease, Service, Endpoints, Event, EventsV1Event, Role, RoleBinding, ClusterRole, ClusterRoleBinding].map(
    ({ qualified }) => qualified,
  ),
);

/** Whether replacing an object that is not there makes it. */
export function isCreatedByReplace(resource: Resource): boolean {
  return createdByReplace.has(resource.qualified);
}

/** Whether a change of the spec raises `metadata.generation`. */
export function countsGeneration(resource: Resource): boolean {
  return 'spec' in resource.schema.fields && !ungenerated.has(resource.qualified);
}

/** The parts of the metadata that writes of the status may change. */
export function metadataOfStatusWrites(resource: Resource): readonly MetadataMember[] {
  const kept = protectedFromStatus[resource.qualified] ?? [];
  return statusMetadata.filter((member) => !kept.includes(member));
}

/** Whether a delete that leaves nothing answers with the object that was, not with a Status. */
export function returnsDeletedObject(resource: Resource): boolean {
  return answeredByObject.has(resource.qualified);
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
