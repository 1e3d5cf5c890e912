/** Brings the bootstrap roles and bindings into the cluster, and up to date after an upgrade. */
import { hasReason } from '../../base/errors.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { Subject } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import type { Client } from '../../client/client.ts';
import type { DraftMeta } from '../../machinery/meta.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import type { ApiObject, DraftObject, Resource } from '../../machinery/resource.ts';
import type { BootstrapPolicy } from './bootstrap-policy.ts';
import { uncoveredRules } from './rule-covering.ts';

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * Creates what is missing and adds missing permissions and subjects to what is there. An object whose `autoupdate`
 * annotation is "false" is left alone; what operators added stays.
 */
export async function reconcileBootstrapPolicy(
  client: Client,
  policy: BootstrapPolicy,
  signal: AbortSignal,
): Promise<void> {
  const reconcile = <T extends ApiObject, D extends DraftObject, W extends { metadata: Named }>(
    resource: Resource<T, D>,
    wanted: readonly W[],
    merge: (existing: T, wanted: W) => object | undefined,
  ): Promise<void> => reconcileKind({ client, signal }, { resource, wanted, merge });
  await Promise.all([
    reconcile(ClusterRole, policy.clusterRoles, (existing, wanted) =>
      // Rules of an aggregated role are the aggregation controller's.
      wanted.aggregationRule ? undefined : mergeRules(existing.rules, wanted.rules),
    ),
    reconcile(Role, policy.roles, (existing, wanted) => mergeRules(existing.rules, wanted.rules)),
    reconcile(ClusterRoleBinding, policy.clusterRoleBindings, (existing, wanted) =>
      mergeSubjects(existing.subjects, wanted.subjects),
    ),
    reconcile(RoleBinding, policy.roleBindings, (existing, wanted) =>
      mergeSubjects(existing.subjects, wanted.subjects),
    ),
  ]);
}

type Named = DraftMeta & { readonly name: string };

interface KindPlan<T, D, W> {
  readonly resource: Resource<T, D>;
  readonly wanted: readonly W[];
  readonly merge: (existing: T, wanted: W) => object | undefined;
}

async function reconcileKind<T extends ApiObject, D extends DraftObject, W extends { metadata: Named }>(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  { resource, wanted, merge }: KindPlan<T, D, W>,
): Promise<void> {
  const { items } = await client.list(resource, { signal });
  const existing = new Map(items.map((item) => [keyString(keyOf(item)), item]));
  const write = async (draft: W): Promise<void> => {
    const current = existing.get(keyString(keyOf(draft)));
    try {
      if (!current) {
        await client.create(resource, draft as unknown as D, { signal });
        return;
      }
      if (current.metadata.annotations?.[autoUpdate] === 'false') return;
      const change = merge(current, draft);
      if (change) await client.update(resource, { ...current, ...change } as unknown as D, { signal });
    } catch (error) {
      // Another API server was faster; what it wrote is the same.
      if (!hasReason(error, 'AlreadyExists', 'Conflict')) throw error;
    }
  };
  await Promise.all(wanted.map(write));
}

function mergeRules(existing: readonly PolicyRule[] = [], wanted: readonly PolicyRule[] = []): object | undefined {
  const missing = uncoveredRules(existing, wanted);
  return missing.length === 0 ? undefined : { rules: [...existing, ...missing] };
}

function mergeSubjects(existing: readonly Subject[] = [], wanted: readonly Subject[] = []): object | undefined {
  const same = (a: Subject, b: Subject): boolean =>
    a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
  const missing = wanted.filter((subject) => !existing.some((known) => same(known, subject)));
  return missing.length === 0 ? undefined : { subjects: [...existing, ...missing] };
}
