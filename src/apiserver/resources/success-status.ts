import type { Resource } from '../../machinery/resource.ts';
import type { StoredObject } from '../cache/stored-object.ts';

/** The Status of an action that has no other answer. */
export function successStatus(code?: number): Record<string, unknown> {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', ...(code === undefined ? {} : { code }) };
}

/** The Status that tells what was deleted. */
export function deletedStatus(resource: Resource, { object }: StoredObject): Record<string, unknown> {
  const { name, uid } = object.metadata;
  const group = resource.group === '' ? {} : { group: resource.group };
  return { ...successStatus(), details: { name, ...group, kind: resource.plural, uid } };
}
