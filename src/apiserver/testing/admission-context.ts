import type { Client } from '../../client/client.ts';
import type { AdmissionContext, Authorizer } from '../ports.ts';

const authorizer: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) };

/** What a plug-in looks at when it is tested alone: a client, and a watch cache without objects. */
export function admissionContext(client: Client, now: () => number = () => 0): AdmissionContext {
  return { client, now, find: () => undefined, objects: () => [], objectsIn: () => [], authorizer };
}
