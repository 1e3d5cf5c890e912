/** Keeps a RoleIndex equal to what the watch cache has, at once: whoever sees a role or binding is judged by it. */
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { FollowObjects } from '../create-api-server.ts';
import type { RoleIndex } from './role-index.ts';

/** Fills `roles` and keeps them filled for as long as the server runs. */
export function followRoles(roles: RoleIndex, follow: FollowObjects): void {
  for (const kind of [Role, ClusterRole, RoleBinding, ClusterRoleBinding]) {
    follow(kind, {
      put: ({ object }) => roles.apply(object),
      gone: ({ object }) => roles.remove(object),
      reset: () => roles.clear(kind.kind),
    });
  }
}
