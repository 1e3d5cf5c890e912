import { hasReason } from '../base/errors.ts';
import type { Client } from '../client/client.ts';
import type { Index } from '../client/controller.ts';
import { keyOf } from '../machinery/resource.ts';
import type { ApiObject, DraftObject, ObjectKey, Resource } from '../machinery/resource.ts';
import type { OwnerReference } from '../machinery/meta.ts';

/** The reference to the controller that manages an object, if one does. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** A reference that makes `owner` the controller of another object. */
export function controllerReference(owner: ApiObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** The key of the controller of `object` if that is of the kind `resource`. */
export function controllerKey<T, D>(object: ApiObject, resource: Resource<T, D>): readonly ObjectKey[] {
  const reference = controllerOf(object);
  if (reference?.kind !== resource.kind || groupOf(reference.apiVersion) !== resource.group) return [];
  return [{ namespace: object.metadata.namespace, name: reference.name }];
}

/** The group of an apiVersion: '' for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

const filedUnder = (object: ApiObject): readonly string[] => {
  const reference = controllerOf(object);
  return [reference ? reference.uid : orphansOf(object.metadata.namespace)];
};

/** Value of the `controller` index under which a namespace's objects without a controller are filed. */
export function orphansOf(namespace: string | undefined): string {
  return `orphans/${namespace ?? ''}`;
}

/** Files objects under their controller's uid, or under `orphansOf` their namespace. */
export function controllerIndex<T extends ApiObject, D extends DraftObject>(resource: Resource<T, D>): Index<T, D> {
  return { resource, name: 'controller', values: filedUnder };
}

/** Which objects an owner has, and which it should take or let go. */
export interface Claims<T> {
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/**
 * Sorts candidates by what their owner should do with them: objects that it controls and selects stay, those that it
 * no longer selects are let go, orphans that it selects are adopted. An owner that is being deleted changes nothing.
 */
export function planClaims<T extends ApiObject>(
  owner: ApiObject,
  candidates: readonly T[],
  selects: (object: T) => boolean,
): Claims<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const dying = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const reference = controllerOf(object);
    if (reference && reference.uid !== owner.metadata.uid) continue;
    if (reference) {
      if (selects(object)) owned.push(object);
      else if (!dying) release.push(object);
    } else if (!dying && selects(object) && object.metadata.deletionTimestamp === undefined) adopt.push(object);
  }
  return { owned, adopt, release };
}

/** What `claim` needs beside the plan. */
export interface ClaimContext<O extends ApiObject, P, T extends ApiObject, D> {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly owner: { readonly resource: Resource<O, P>; readonly object: O };
  readonly dependents: Resource<T, D>;
}

/** Carries out the adoptions and releases of a plan; returns what the owner then has. */
export async function claim<O extends ApiObject, P, T extends ApiObject, D>(
  claims: Claims<T>,
  context: ClaimContext<O, P, T, D>,
): Promise<readonly T[]> {
  if (claims.adopt.length === 0 && claims.release.length === 0) return claims.owned;
  if (claims.adopt.length > 0 && !(await mayAdopt(context))) return claims.owned;
  const adopted: T[] = [];
  for (const object of claims.adopt) adopted.push(...(await adopt(object, context)));
  for (const object of claims.release) await release(object, context);
  return [...claims.owned, ...adopted];
}

/** Asks the server, not the cache: an owner that was deleted and created again must not adopt under its old uid. */
async function mayAdopt<O extends ApiObject, P, T extends ApiObject, D>(
  context: ClaimContext<O, P, T, D>,
): Promise<boolean> {
  const { client, owner, signal } = context;
  try {
    const fresh = await client.get(owner.resource, keyOf(owner.object), { signal });
    return fresh.metadata.uid === owner.object.metadata.uid && fresh.metadata.deletionTimestamp === undefined;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return false;
    throw error;
  }
}

async function adopt<O extends ApiObject, P, T extends ApiObject, D>(
  object: T,
  context: ClaimContext<O, P, T, D>,
): Promise<readonly T[]> {
  const { client, owner, dependents, signal } = context;
  // The uid in the patch makes the server refuse when the name belongs to another object by now.
  const metadata = { ownerReferences: [{ ...controllerReference(owner.object) }], uid: object.metadata.uid };
  try {
    return [await client.patch(dependents, keyOf(object), { type: 'strategic', body: { metadata } }, { signal })];
  } catch (error) {
    if (hasReason(error, 'NotFound')) return [];
    throw error;
  }
}

async function release<O extends ApiObject, P, T extends ApiObject, D>(
  object: T,
  context: ClaimContext<O, P, T, D>,
): Promise<void> {
  const { client, owner, dependents, signal } = context;
  const reference = { $patch: 'delete', uid: owner.object.metadata.uid };
  const body = { metadata: { ownerReferences: [reference], uid: object.metadata.uid } };
  try {
    await client.patch(dependents, keyOf(object), { type: 'strategic', body }, { signal });
  } catch (error) {
    // Gone, or its references changed: either way it is no longer ours to let go.
    if (!hasReason(error, 'NotFound', 'Invalid')) throw error;
  }
}
