import type { Client } from '../../client/client.ts';
import type { ApiObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';
import type { AdmissionContext, Authorizer } from '../ports.ts';
import type { FakeClient } from './fake-client.ts';

const authorizer: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) };

/** What a plug-in looks at when it is tested alone: a client, and a watch cache without objects. */
export function admissionContext(client: Client, now: () => number = () => 0): AdmissionContext {
  return { client, now, find: () => undefined, objects: () => [], objectsIn: () => [], authorizer };
}

/** The same, with a watch cache that has what the client has. */
export function cachedContext(client: FakeClient, by: Authorizer = authorizer): AdmissionContext {
  const objects = <T, D>(resource: Resource<T, D>): readonly T[] =>
    [...client.objects].filter(([id]) => id.startsWith(`${resource.qualified} `)).map(([, found]) => found as T);
  return {
    ...admissionContext(client),
    authorizer: by,
    find: <T, D>({ qualified }: Resource<T, D>, key: ObjectKey) =>
      client.objects.get(`${qualified} ${keyString(key)}`) as T | undefined,
    objects,
    objectsIn: <T, D>(resource: Resource<T, D>, namespace: string) =>
      objects(resource).filter((found) => (found as unknown as ApiObject).metadata.namespace === namespace),
  };
}
