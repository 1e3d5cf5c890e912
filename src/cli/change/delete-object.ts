import { hasReason } from '../../base/errors.ts';
import type { Propagation } from '../../client/client.ts';
import { kindPrefixOf } from '../get/get-tables.ts';
import { watchLines } from '../http/watch-lines.ts';
import { asKubeObject, valueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { FoundObject, Target } from '../resource/targets.ts';
import type { Session } from '../session.ts';

/** How an object is deleted. */
export interface DeleteObjectOptions {
  readonly propagation: Propagation;
  /** Seconds; undefined leaves it to the object. */
  readonly gracePeriod?: number | undefined;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the server to delete an object. Gives the object's UID, so that its end can be waited for. */
export async function deleteObject(
  session: Session,
  target: Target,
  options: DeleteObjectOptions,
): Promise<string | undefined> {
  const { resource, namespace, name } = target;
  const answer: unknown = await session.connection.json({
    method: 'DELETE',
    path: apiPath(resource, { namespace, name }),
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: options.propagation,
      ...(options.gracePeriod === undefined ? {} : { gracePeriodSeconds: options.gracePeriod }),
      ...(options.dryRun ? { dryRun: ['All'] } : {}),
    },
    signal: options.signal,
  });
  // The answer is the object on its way out, or a Status that tells its UID.
  const uid = valueAt(answer, 'metadata', 'uid') ?? valueAt(answer, 'details', 'uid');
  return typeof uid === 'string' ? uid : undefined;
}

/** The line that tells of a deletion; `operation` is `deleted` or `force deleted`. */
export function deletionLine({ resource, namespace, name }: Target, operation: string, suffix = ''): string {
  const place = resource.namespaced ? ` from ${namespace} namespace` : '';
  return `${kindPrefixOf(resource)} "${name ?? ''}" ${operation}${place}${suffix}\n`;
}

/** Deletes an object and waits until it is gone. */
export async function deleteAndWait(session: Session, found: FoundObject, options: DeleteObjectOptions): Promise<void> {
  await deleteObject(session, found.target, options);
  await waitUntilGone(session, found.target, { uid: found.object.metadata.uid, signal: options.signal });
}

/** Waits until the object of this UID is gone; another one of the same name does not count. */
export async function waitUntilGone(
  session: Session,
  target: Target,
  { uid, signal }: { readonly uid: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  for (;;) {
    const current = await readOrUndefined(session, target, signal);
    if (!current || (uid !== undefined && current.metadata.uid !== uid)) return;
    if (await deletionSeen(session, target, { current, signal })) return;
  }
}

async function readOrUndefined(
  session: Session,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const { resource, namespace, name } = target;
  try {
    return asKubeObject(await session.connection.json({ path: apiPath(resource, { namespace, name }), signal }));
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Follows the object until it is deleted; false when the watch ended before. */
async function deletionSeen(
  session: Session,
  target: Target,
  { current, signal }: { readonly current: KubeObject; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const body = await session.connection.stream({
    path: apiPath(target.resource, { namespace: target.namespace }),
    query: {
      watch: true,
      fieldSelector: `metadata.name=${target.name}`,
      resourceVersion: current.metadata.resourceVersion,
    },
    signal,
  });
  for await (const { type } of watchLines(body)) {
    if (type === 'DELETED') return true;
    if (type === 'ERROR') return false;
  }
  return false;
}
