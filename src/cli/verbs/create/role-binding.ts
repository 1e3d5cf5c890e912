import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { arrayFlag, textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';

const group = 'rbac.authorization.k8s.io';

const flags = {
  ...createFlags,
  clusterrole: textFlag('ClusterRole this binding should reference'),
  group: arrayFlag('Groups to bind to the role. The flag can be repeated to add multiple groups.'),
  serviceaccount: arrayFlag(
    'Service accounts to bind to the role, in the format <namespace>:<name>. The flag can be repeated to add multiple service accounts.',
  ),
  user: arrayFlag('Usernames to bind to the role. The flag can be repeated to add multiple users.'),
} as const;

/** `kubectl create rolebinding` */
export const createRoleBinding = defineVerb({
  usage:
    'create rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  long: 'Create a role binding for a particular role or cluster role.',
  examples: `# Create a role binding for user1, user2, and group1 using the admin cluster role
kubectl create rolebinding admin --clusterrole=admin --user=user1 --user=user2 --group=group1

# Create a role binding for service account monitoring:sa-dev using the admin role
kubectl create rolebinding admin-binding --role=admin --serviceaccount=monitoring:sa-dev`,
  flags: { ...flags, role: textFlag('Role this binding should reference') },
  async run(invocation) {
    const { args, flags: given, command } = invocation;
    const name = requireName(args, command);
    if ((given.clusterrole === '') === (given.role === ''))
      throw new CommandError('exactly one of clusterrole or role must be specified');
    const roleRef = {
      apiGroup: group,
      kind: given.role ? 'Role' : 'ClusterRole',
      name: given.role || given.clusterrole,
    };
    await createObject(invocation, 'RoleBinding', { metadata: { name }, ...subjectsOf(given), roleRef });
  },
});

/** `kubectl create clusterrolebinding` */
export const createClusterRoleBinding = defineVerb({
  usage:
    'create clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  long: 'Create a cluster role binding for a particular cluster role.',
  examples: `# Create a cluster role binding for user1, user2, and group1 using the cluster-admin cluster role
kubectl create clusterrolebinding cluster-admin --clusterrole=cluster-admin --user=user1 --user=user2 --group=group1`,
  flags,
  async run(invocation) {
    const { args, flags: given, command } = invocation;
    const name = requireName(args, command);
    if (!given.clusterrole) throw new CommandError('required flag(s) "clusterrole" not set');
    const roleRef = { apiGroup: group, kind: 'ClusterRole', name: given.clusterrole };
    await createObject(invocation, 'ClusterRoleBinding', { metadata: { name }, ...subjectsOf(given), roleRef });
  },
});

interface SubjectFlags {
  readonly user: readonly string[];
  readonly group: readonly string[];
  readonly serviceaccount: readonly string[];
}

function subjectsOf(flags: SubjectFlags): { readonly subjects?: readonly Record<string, string>[] } {
  const subjects = [
    ...flags.user.map((name) => ({ kind: 'User', apiGroup: group, name })),
    ...flags.group.map((name) => ({ kind: 'Group', apiGroup: group, name })),
    ...flags.serviceaccount.map((text) => {
      const [namespace, name, ...more] = text.split(':');
      if (!namespace || !name || more.length > 0) throw new CommandError('serviceaccount must be <namespace>:<name>');
      return { kind: 'ServiceAccount', name, namespace };
    }),
  ];
  return subjects.length === 0 ? {} : { subjects };
}
