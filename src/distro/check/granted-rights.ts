/** Who has which rights by roles that are not upstream's own. */
import type { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { ObjectFacts } from './facts.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];

/** Whom a binding is for. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A binding with what it grants. */
export interface Grant {
  /** `ClusterRoleBinding a` or `RoleBinding ns/a`. */
  readonly where: string;
  /** Undefined: in the whole cluster. */
  readonly namespace: string | undefined;
  readonly role: string;
  readonly subjects: readonly Subject[];
  readonly rules: readonly Rule[];
  /** Whether it is one of those that every cluster has. */
  readonly isBootstrap: boolean;
}

/** All bindings. */
export function grantsOf(objects: ObjectFacts): readonly Grant[] {
  const clusterRoles = new Map(objects.clusterRoles.map((role) => [role.metadata.name, role]));
  const roles = new Map(objects.roles.map((role) => [`${role.metadata.namespace}/${role.metadata.name}`, role]));
  return [
    ...objects.clusterRoleBindings.map(({ metadata, roleRef, subjects = [] }): Grant => ({
      where: `ClusterRoleBinding ${metadata.name}`,
      namespace: undefined,
      role: roleRef.name,
      subjects,
      rules: clusterRoles.get(roleRef.name)?.rules ?? [],
      isBootstrap: isBootstrap(metadata),
    })),
    ...objects.roleBindings.map(({ metadata, roleRef, subjects = [] }): Grant => {
      const role =
        roleRef.kind === 'Role' ? roles.get(`${metadata.namespace}/${roleRef.name}`) : clusterRoles.get(roleRef.name);
      return {
        where: `RoleBinding ${metadata.namespace}/${metadata.name}`,
        namespace: metadata.namespace,
        role: roleRef.name,
        subjects,
        rules: role?.rules ?? [],
        isBootstrap: isBootstrap(metadata),
      };
    }),
  ];
}

/** Whether a role or binding is one of those that every cluster has. */
export function isBootstrap({ labels }: { readonly labels?: Readonly<Record<string, string>> | undefined }): boolean {
  return labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

/** What is asked about a rule. */
export interface Right {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
}

/** Whether a rule allows something with all objects of a kind. */
export function allows(rule: Rule, { verb, group = '', resource }: Right): boolean {
  const has = (list: readonly string[] | undefined, item: string): boolean =>
    list?.some((one) => one === item || one === '*') ?? false;
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    has(rule.resources, resource) &&
    (rule.resourceNames ?? []).length === 0
  );
}

/** Subjects that are not parts of Kubernetes itself: those of the control plane, nodes and kube-system. */
export function outsiders(subjects: readonly Subject[]): readonly Subject[] {
  return subjects.filter((subject) => !isOwn(subject));
}

function isOwn({ kind, name, namespace }: Subject): boolean {
  if (kind === 'ServiceAccount') return namespace === 'kube-system' && name !== 'default';
  if (kind === 'Group') return ownGroups.has(name);
  return name.startsWith('system:') && name !== 'system:anonymous';
}

const ownGroups = new Set([
  'system:masters',
  'system:nodes',
  'system:node-proxier',
  'system:serviceaccounts:kube-system',
]);

/** Subjects for people. */
export function subjectsText(subjects: readonly Subject[]): string {
  return subjects
    .map(({ kind, name, namespace }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`)
    .join(', ');
}
