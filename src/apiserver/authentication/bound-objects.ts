/** The objects that vouch for a service account token: it dies with any of them. Source: serviceaccount/claims. */
import { hasReason } from '../../base/errors.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Client } from '../../client/client.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import type { ObjectKey, Resource } from '../../machinery/resource.ts';
import type { FindObject } from '../ports.ts';
import type { ClaimedObject, KubernetesClaims } from './service-account-claims.ts';

/** Where objects are looked up. */
export interface ObjectSource {
  readonly client: Client;
  /** What the watch cache has. */
  readonly find?: FindObject | undefined;
}

/** An object that must be there, and what is said when it is not. */
export interface BoundObject {
  readonly resource: Resource;
  readonly key: ObjectKey;
  readonly uid: string;
  /** Undefined: the failure to find it says it. */
  readonly missing: string | undefined;
  readonly deleted: string;
  replaced(uid: string): string;
}

/** How long after its deletion began an object still vouches for a token. Source: go-jose's DefaultLeeway. */
const deletionLeewayMs = 60_000;
const invalidated = 'service account token has been invalidated';

/** What a token is bound to: its account, and at most one object more. */
export function boundObjects({ namespace, serviceaccount, pod, secret, node }: KubernetesClaims): BoundObject[] {
  const account: BoundObject = {
    resource: ServiceAccount,
    key: { namespace, name: serviceaccount.name },
    uid: serviceaccount.uid ?? '',
    missing: undefined,
    deleted: `service account ${namespace}/${serviceaccount.name} has been deleted`,
    replaced: (uid) => `service account UID (${uid}) does not match claim (${serviceaccount.uid ?? ''})`,
  };
  const bound = (resource: Resource, { name, uid = '' }: ClaimedObject, kind: string): BoundObject => ({
    resource,
    key: resource.namespaced ? { namespace, name } : { name },
    uid,
    missing: invalidated,
    deleted: invalidated,
    replaced: (found) => `${kind} UID (${found}) does not match service account ${kind} ref claim (${uid})`,
  });
  return [
    account,
    ...(secret ? [bound(Secret, secret, 'secret')] : []),
    ...(pod ? [bound(Pod, pod, 'pod')] : []),
    // A token bound to a pod mentions its node for information only.
    ...(node && !pod ? [bound(Node, node, 'node')] : []),
  ];
}

/** Whether the cache has all of them, as they were. If not, they may still be there: ask `checkBoundObjects`. */
export function areCached(objects: readonly BoundObject[], find: FindObject, now: number): boolean {
  return objects.every(({ resource, key, uid }) => {
    const metadata = find(resource, key)?.metadata;
    return metadata?.uid === uid && !isGone(metadata, now);
  });
}

/** Looks all of them up: in the cache, and through the client what is not known there. Throws upstream's sentence. */
export async function checkBoundObjects(
  objects: readonly BoundObject[],
  source: ObjectSource,
  now: number,
): Promise<void> {
  for (const object of objects) {
    const metadata = await metadataOf(object, source);
    if (metadata.uid !== object.uid) throw new Error(object.replaced(metadata.uid));
    if (isGone(metadata, now)) throw new Error(object.deleted);
  }
}

async function metadataOf(
  { resource, key, uid, missing }: BoundObject,
  { client, find }: ObjectSource,
): Promise<ObjectMeta> {
  const known = find?.(resource, key)?.metadata;
  if (known?.uid === uid) return known;
  try {
    return (await client.get(resource, key)).metadata;
  } catch (error) {
    if (missing !== undefined && hasReason(error, 'NotFound')) throw new Error(missing, { cause: error });
    throw error;
  }
}

function isGone({ deletionTimestamp }: ObjectMeta, now: number): boolean {
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + deletionLeewayMs < now;
}
