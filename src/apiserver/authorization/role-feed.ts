/** Keeps a RoleIndex up to date through the API server's own client. */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { RbacObject, RoleIndex } from './role-index.ts';

const kinds = [Role, ClusterRole, RoleBinding, ClusterRoleBinding] as readonly Resource<RbacObject>[];

/** What the feed needs. */
export interface RoleFeedOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Fills `roles` and keeps it filled until aborted. `ready` resolves once all four kinds have been listed. */
export function feedRoles(
  roles: RoleIndex,
  { signal, ...options }: RoleFeedOptions,
): { readonly ready: Promise<void>; readonly done: Promise<void> } {
  const informers = kinds.map((resource) => new Informer({ ...options, resource }));
  for (const informer of informers) {
    informer.subscribe(({ type, object }) => (type === 'deleted' ? roles.remove(object) : roles.apply(object)));
  }
  const settled = (parts: readonly Promise<void>[]): Promise<void> => Promise.all(parts).then(() => undefined);
  return {
    ready: settled(informers.map((informer) => informer.whenSynced(signal))),
    done: settled(informers.map((informer) => informer.run(signal))),
  };
}
