/** The roles and bindings that every cluster begins with. */
import type { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { RoleBinding, Subject } from '../../api/rbac/role-binding.ts';
import type { PolicyRule, Role } from '../../api/rbac/role.ts';
import type { DraftMeta } from '../../machinery/meta.ts';
import { allow, reportEvents } from './bootstrap-rules.ts';
import { componentRoles } from './bootstrap-component-roles.ts';
import { controllerRoles, leaderLockRules } from './bootstrap-controller-roles.ts';
import { aggregationLabels, aggregations, userRoles } from './bootstrap-user-roles.ts';
import { compactRules, uncoveredRules } from './rule-covering.ts';

/** What a controller needs, as controllers state it: verbs by qualified resource (`deployments.apps`). */
export interface ControllerPermissions {
  readonly name: string;
  /** Whose role it is, where several controllers share one. Default: `name`. */
  readonly account?: string | undefined;
  /** Names of objects may stand behind a resource, after blanks. */
  readonly rbac: Readonly<Record<string, readonly string[]>>;
  /** The same by namespace. */
  readonly namespacedRbac?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined;
}

type Draft<T> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & {
  readonly metadata: DraftMeta & { readonly name: string };
};

/** All bootstrap objects. */
export interface BootstrapPolicy {
  readonly clusterRoles: readonly Draft<ClusterRole>[];
  readonly clusterRoleBindings: readonly Draft<ClusterRoleBinding>[];
  readonly roles: readonly Draft<Role>[];
  readonly roleBindings: readonly Draft<RoleBinding>[];
}

const rbacGroup = 'rbac.authorization.k8s.io';
const user = (name: string): Subject => ({ kind: 'User', apiGroup: rbacGroup, name });
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: rbacGroup, name });
const serviceAccount = (name: string, namespace = 'kube-system'): Subject => ({
  kind: 'ServiceAccount',
  name,
  namespace,
});

/** Subjects by the bootstrap ClusterRole that they have; bindings bear the role's name. */
const clusterBindings: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:basic-user': [group('system:authenticated')],
  'system:cluster-trust-bundle-discovery': [group('system:serviceaccounts')],
  'system:discovery': [group('system:authenticated')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [serviceAccount('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:monitoring': [group('system:monitoring')],
  // Nobody by default: the Node authorizer decides for kubelets.
  'system:node': [],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
};

interface NamespacedGrant {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly subjects: readonly Subject[];
  /** The name of the binding. Default: the role's. */
  readonly binding?: string;
}

const leaderLock = (component: string, ...others: readonly Subject[]): NamespacedGrant => ({
  namespace: 'kube-system',
  name: `system::leader-locking-${component}`,
  rules: leaderLockRules,
  subjects: [user(`system:${component}`), serviceAccount(component), ...others],
});

const namespacedGrants: readonly NamespacedGrant[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    binding: 'system::extension-apiserver-authentication-reader',
    rules: [allow('get list watch', 'configmaps', 'core', 'extension-apiserver-authentication')],
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  leaderLock('kube-controller-manager', serviceAccount('leader-election-controller')),
  leaderLock('kube-scheduler'),
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [allow('create get list watch', 'configmaps')],
    subjects: [serviceAccount('cloud-provider')],
  },
  {
    // Each proxy says in a Lease up to which version the kernel reflects the EndpointSlices.
    namespace: 'kube-node-lease',
    name: 'kubets:kube-proxy',
    rules: [allow('create get patch update', 'leases', 'coordination.k8s.io')],
    subjects: [user('system:kube-proxy')],
  },
];

/** The roles and bindings every cluster begins with, one role per controller included. */
export function bootstrapPolicy(controllers: readonly ControllerPermissions[] = []): BootstrapPolicy {
  const rules = new Map([...Object.entries(userRoles), ...Object.entries(componentRoles)]);
  const subjects = new Map(Object.entries(clusterBindings));
  for (const [name, own] of Object.entries(controllerRoles)) {
    rules.set(controllerRole({ name }), own);
    subjects.set(controllerRole({ name }), [serviceAccount(name)]);
  }
  for (const controller of controllers) {
    const name = controllerRole(controller);
    const others = (rules.get(name) ?? []).filter((rule) => rule !== reportEvents);
    rules.set(name, [...others, ...compactRules(uncoveredRules(others, rulesOf(controller.rbac))), reportEvents]);
    subjects.set(name, controllerSubjects(controller));
  }
  const grants = [...namespacedGrants, ...controllers.flatMap(controllerGrants)];
  return {
    clusterRoles: [...[...rules].map(([name, own]) => clusterRole(name, own)), ...aggregatedRoles(rules)],
    clusterRoleBindings: [...subjects].map(([name, members]) => ({
      metadata: bootstrapMeta(name),
      roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
      subjects: members,
    })),
    roles: grants.map(({ namespace, name, rules }) => ({
      metadata: { ...bootstrapMeta(name), namespace },
      rules,
    })),
    roleBindings: grants.map(({ namespace, name, subjects, binding = name }) => ({
      metadata: { ...bootstrapMeta(binding), namespace },
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
      subjects,
    })),
  };
}

function controllerRole({ name, account = name }: Pick<ControllerPermissions, 'name' | 'account'>): string {
  return `system:controller:${account}`;
}

/** With one identity per controller or one for all: both may do what the controller needs. */
function controllerSubjects({ name, account = name }: ControllerPermissions): readonly Subject[] {
  return [serviceAccount(account), user('system:kube-controller-manager')];
}

function controllerGrants(controller: ControllerPermissions): readonly NamespacedGrant[] {
  return Object.entries(controller.namespacedRbac ?? {}).map(([namespace, rbac]) => ({
    namespace,
    name: controllerRole(controller),
    rules: rulesOf(rbac),
    subjects: controllerSubjects(controller),
  }));
}

function rulesOf(rbac: ControllerPermissions['rbac']): readonly PolicyRule[] {
  return Object.entries(rbac).map(([key, verbs]): PolicyRule => {
    const [qualified = '', ...resourceNames] = key.split(' ');
    // Both `deployments.apps/status` and `deployments/status.apps` name the group behind the first dot.
    const [, plural = qualified, groupA, subresource, groupB] =
      /^([^./]+)(?:\.([^/]+))?(\/[^.]+)?(?:\.(.+))?$/.exec(qualified) ?? [];
    return {
      verbs,
      apiGroups: [groupA ?? groupB ?? ''],
      resources: [`${plural}${subresource ?? ''}`],
      ...(resourceNames.length > 0 ? { resourceNames } : {}),
    };
  });
}

function clusterRole(name: string, rules: readonly PolicyRule[]): Draft<ClusterRole> {
  return { metadata: bootstrapMeta(name, aggregationLabelsOf(name)), rules };
}

/** The aggregated roles come with the rules that the aggregation controller would give them. */
function aggregatedRoles(rules: ReadonlyMap<string, readonly PolicyRule[]>): Draft<ClusterRole>[] {
  const partOf = (name: string): readonly PolicyRule[] => rules.get(`system:aggregate-to-${name}`) ?? [];
  const all: Readonly<Record<string, readonly PolicyRule[]>> = {
    admin: [...partOf('admin'), ...partOf('edit'), ...partOf('view')],
    edit: [...partOf('edit'), ...partOf('view')],
    view: partOf('view'),
  };
  return Object.entries(aggregations).map(([name, label]) => ({
    metadata: bootstrapMeta(name, aggregationLabelsOf(name)),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
    rules: all[name],
  }));
}

function aggregationLabelsOf(name: string): Record<string, string> {
  const targets = aggregationLabels[name] ?? [];
  return Object.fromEntries(targets.map((target) => [aggregations[target] ?? target, 'true']));
}

function bootstrapMeta(name: string, labels: Record<string, string> = {}): DraftMeta & { readonly name: string } {
  return {
    name,
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  };
}
