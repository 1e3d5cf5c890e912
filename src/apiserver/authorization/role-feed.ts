/** Keeps a RoleIndex up to date through the API server's own client. */
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { Client } from '../../client/client.ts';
import type { Resource } from '../../machinery/resource.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import type { RbacObject, RoleIndex } from './role-index.ts';

const kinds = [Role, ClusterRole, RoleBinding, ClusterRoleBinding] as readonly Resource<RbacObject>[];
const retryMs = 1000;

/** What the feed needs. */
export interface RoleFeedOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Fills `roles` and keeps it filled until aborted. Resolves `ready` once all four kinds have been listed. */
export function feedRoles(
  roles: RoleIndex,
  options: RoleFeedOptions,
): { readonly ready: Promise<void>; readonly done: Promise<void> } {
  const feeds = kinds.map((kind) => feedKind(roles, kind, options));
  return {
    ready: Promise.all(feeds.map(({ ready }) => ready)).then(() => undefined),
    done: Promise.all(feeds.map(({ done }) => done)).then(() => undefined),
  };
}

function feedKind(
  roles: RoleIndex,
  kind: Resource<RbacObject>,
  { client, clock, signal }: RoleFeedOptions,
): { readonly ready: Promise<void>; readonly done: Promise<void> } {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const known = new Map<string, RbacObject>();

  const relist = async (): Promise<string> => {
    const { items, metadata } = await client.list(kind, { signal });
    const present = new Set(items.map((item) => keyString(keyOf(item))));
    for (const [key, object] of known) if (!present.has(key)) forget(key, object);
    for (const item of items) learn(item);
    resolve();
    return metadata.resourceVersion;
  };
  const learn = (object: RbacObject): void => {
    known.set(keyString(keyOf(object)), object);
    roles.apply(object);
  };
  const forget = (key: string, object: RbacObject): void => {
    known.delete(key);
    roles.remove(object);
  };
  const follow = async (): Promise<void> => {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        version ??= await relist();
        for await (const event of client.watch(kind, { resourceVersion: version, allowWatchBookmarks: true, signal })) {
          if (event.type === 'BOOKMARK') version = event.resourceVersion;
          else {
            version = event.object.metadata.resourceVersion;
            if (event.type === 'DELETED') forget(keyString(keyOf(event.object)), event.object);
            else learn(event.object);
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        version = undefined;
        if (!hasReason(error, 'Expired', 'Gone')) await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  };
  return { ready, done: follow().finally(resolve) };
}
