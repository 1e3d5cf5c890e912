/** Brings the bootstrap roles and bindings into the cluster, and up to date after an upgrade. */
import { hasReason } from '../../base/errors.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import type { RoleRef, Subject } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { PolicyRule } from '../../api/rbac/role.ts';
import type { Client } from '../../client/client.ts';
import type { DraftMeta } from '../../machinery/meta.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import type { ApiObject, DraftObject, Resource } from '../../machinery/resource.ts';
import type { BootstrapPolicy } from './bootstrap-policy.ts';
import { compactRules, uncoveredRules } from './rule-covering.ts';

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * Creates what is missing, adds missing permissions, subjects, labels and annotations to what is there, and makes bindings
 * of other roles anew. An object whose `autoupdate` annotation is "false" is left alone; what operators added stays.
 * Source: kubernetes' component-helpers/auth/rbac/reconciliation.
 */
export async function reconcileBootstrapPolicy(
  client: Client,
  policy: BootstrapPolicy,
  signal: AbortSignal,
): Promise<void> {
  const context = { client, signal };
  // First the roles: whoever is bound to one must not be refused because it comes later.
  await Promise.all([
    reconcileKind(context, { resource: ClusterRole, wanted: policy.clusterRoles, merge: mergedClusterRole }),
    reconcileKind(context, {
      resource: Role,
      wanted: policy.roles,
      merge: (existing, wanted) => mergedRules(existing.rules, wanted.rules),
    }),
  ]);
  await Promise.all([
    reconcileKind(context, {
      resource: ClusterRoleBinding,
      wanted: policy.clusterRoleBindings,
      merge: (existing, wanted) => mergedSubjects(existing.subjects, wanted.subjects),
      isForeign: (existing, wanted) => isOfOtherRole(existing.roleRef, wanted.roleRef),
    }),
    reconcileKind(context, {
      resource: RoleBinding,
      wanted: policy.roleBindings,
      merge: (existing, wanted) => mergedSubjects(existing.subjects, wanted.subjects),
      isForeign: (existing, wanted) => isOfOtherRole(existing.roleRef, wanted.roleRef),
    }),
  ]);
}

type Named = DraftMeta & { readonly name: string };
type Change = Readonly<Record<string, unknown>> | undefined;

interface KindPlan<T, D, W> {
  readonly resource: Resource<T, D>;
  readonly wanted: readonly W[];
  /** What must change of an existing object beside its metadata. */
  merge(existing: T, wanted: W): Change;
  /** Whether what must change can't be. */
  isForeign?(existing: T, wanted: W): boolean;
}

async function reconcileKind<T extends ApiObject, D extends DraftObject, W extends { metadata: Named }>(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  { resource, wanted, merge, isForeign = () => false }: KindPlan<T, D, W>,
): Promise<void> {
  const { items } = await client.list(resource, { signal });
  const existing = new Map(items.map((item) => [keyString(keyOf(item)), item]));
  const write = async (draft: W): Promise<void> => {
    const current = existing.get(keyString(keyOf(draft)));
    try {
      if (!current) {
        await client.create(resource, draft as unknown as D, { signal });
      } else if (current.metadata.annotations?.[autoUpdate] === 'false') {
        return;
      } else if (isForeign(current, draft)) {
        const { uid } = current.metadata;
        await client.delete(resource, keyOf(draft), { preconditions: { uid }, signal });
        await client.create(resource, draft as unknown as D, { signal });
      } else {
        const metadata = mergedMetadata(current, draft.metadata);
        const change = merge(current, draft);
        if (metadata ?? change)
          await client.update(resource, { ...current, ...metadata, ...change } as unknown as D, { signal });
      }
    } catch (error) {
      // Another API server was faster; what it wrote is the same.
      if (!hasReason(error, 'AlreadyExists', 'Conflict', 'NotFound')) throw error;
    }
  };
  await Promise.all(wanted.map(write));
}

/** Labels and annotations that are lacking; those that are there keep their values. */
function mergedMetadata({ metadata }: ApiObject, { labels, annotations }: Named): Change {
  const lacks = (wanted: DraftMeta['labels'], present: DraftMeta['labels']): boolean =>
    Object.keys(wanted ?? {}).some((name) => present?.[name] === undefined);
  if (!lacks(labels, metadata.labels) && !lacks(annotations, metadata.annotations)) return undefined;
  return {
    metadata: {
      ...metadata,
      labels: { ...labels, ...metadata.labels },
      annotations: { ...annotations, ...metadata.annotations },
    },
  };
}

function mergedClusterRole(existing: ClusterRole, wanted: BootstrapPolicy['clusterRoles'][number]): Change {
  // Rules of an aggregated role are the aggregation controller's.
  if (!wanted.aggregationRule) return mergedRules(existing.rules, wanted.rules);
  const present = existing.aggregationRule?.clusterRoleSelectors ?? [];
  const selectors = wanted.aggregationRule.clusterRoleSelectors ?? [];
  const missing = selectors.filter((selector) => !present.some((known) => equalJson(known, selector)));
  return missing.length === 0 ? undefined : { aggregationRule: { clusterRoleSelectors: [...present, ...missing] } };
}

function mergedRules(existing: readonly PolicyRule[] = [], wanted: readonly PolicyRule[] = []): Change {
  const missing = uncoveredRules(existing, wanted);
  return missing.length === 0 ? undefined : { rules: [...existing, ...compactRules(missing)] };
}

function mergedSubjects(existing: readonly Subject[] = [], wanted: readonly Subject[] = []): Change {
  const same = (a: Subject, b: Subject): boolean =>
    a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
  const missing = wanted.filter((subject) => !existing.some((known) => same(known, subject)));
  return missing.length === 0 ? undefined : { subjects: [...existing, ...missing] };
}

/** The role of a binding can't be changed. */
function isOfOtherRole(existing: RoleRef, wanted: RoleRef): boolean {
  return existing.kind !== wanted.kind || existing.name !== wanted.name;
}
