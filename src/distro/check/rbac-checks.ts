/** Who may do what. */
import type { Check, Deviation } from './check.ts';
import type { Facts } from './facts.ts';
import { allows, grantsOf, isBootstrap, outsiders, subjectsText } from './granted-rights.ts';
import type { Grant, Right, Subject } from './granted-rights.ts';

/** A check of what is granted to others than Kubernetes' own parts; `cluster-admin` has a check of its own. */
function rightsCheck(
  check: Omit<Check, 'look'>,
  rights: readonly Right[],
  only: (grant: Grant) => boolean = () => true,
): Check {
  return {
    ...check,
    look: ({ objects }) =>
      grantsOf(objects)
        .filter((grant) => grant.role !== 'cluster-admin' && only(grant))
        .flatMap((grant): readonly Deviation[] => {
          const subjects = outsiders(grant.subjects);
          const granted = rights.filter((right) => grant.rules.some((rule) => allows(rule, right)));
          if (subjects.length === 0 || granted.length === 0) return [];
          const may = granted.map(({ verb, resource }) => `${verb} ${resource}`).join(', ');
          return [{ where: grant.where, what: `${subjectsText(subjects)} may ${may} (role ${grant.role})` }];
        }),
  };
}

/** A check of bindings by whom they are for. */
function subjectCheck(check: Omit<Check, 'look'>, concerned: (subject: Subject, grant: Grant) => boolean): Check {
  return {
    ...check,
    look: ({ objects }: Facts) =>
      grantsOf(objects).flatMap((grant): readonly Deviation[] => {
        const subjects = grant.subjects.filter((subject) => concerned(subject, grant));
        if (subjects.length === 0) return [];
        return [{ where: grant.where, what: `gives ${subjectsText(subjects)} the role ${grant.role}` }];
      }),
  };
}

const rbac = 'rbac.authorization.k8s.io';
const isClusterWide = ({ namespace }: Grant): boolean => namespace === undefined;

/** Roles that everybody has in every cluster: whether the server is well, and, of those who are known, discovery. */
const harmlessForAll = new Set([
  'system:public-info-viewer',
  'system:discovery',
  'system:basic-user',
  'kubeadm:bootstrap-signer-clusterinfo',
]);

/** See the file's first line. */
export const rbacChecks: readonly Check[] = [
  subjectCheck(
    {
      name: 'rbac-cluster-admin',
      title: 'cluster-admin is for administrators only',
      severity: 'high',
      why: 'Who has it can do everything, also undo every other protection.',
      fix: 'Bind a role that allows what is needed instead.',
    },
    ({ kind, name }, { role, isBootstrap: isOwn }) =>
      role === 'cluster-admin' && !isOwn && !(kind === 'Group' && name === 'system:masters'),
  ),
  subjectCheck(
    {
      name: 'rbac-anonymous',
      title: 'No role is given to who is not known',
      severity: 'critical',
      why: 'Whoever reaches the API server has it.',
      fix: 'Remove the subject from the binding.',
    },
    ({ kind, name }, { role }) =>
      (name === 'system:anonymous' || (kind === 'Group' && name === 'system:unauthenticated')) &&
      !harmlessForAll.has(role),
  ),
  subjectCheck(
    {
      name: 'rbac-everybody',
      title: 'No role is given to all users or all service accounts',
      severity: 'high',
      why: 'Every pod in the cluster has it.',
      fix: 'Name the users or service accounts that need it.',
    },
    ({ kind, name }, { isBootstrap: isOwn, role }) =>
      kind === 'Group' &&
      (name === 'system:authenticated' || name === 'system:serviceaccounts') &&
      !isOwn &&
      !harmlessForAll.has(role),
  ),
  subjectCheck(
    {
      name: 'rbac-default-service-account',
      title: 'The service accounts named default have no rights',
      severity: 'medium',
      why: 'Every pod that names no service account has them.',
      fix: 'Make a service account for the pods that need the rights.',
    },
    ({ kind, name }) => kind === 'ServiceAccount' && name === 'default',
  ),
  {
    name: 'rbac-wildcards',
    title: 'Roles name what they allow',
    severity: 'medium',
    why: 'A * also allows what will be there tomorrow.',
    fix: 'Name verbs and resources.',
    look: ({ objects }) =>
      [
        ...objects.clusterRoles.map((role) => ({ where: `ClusterRole ${role.metadata.name}`, role })),
        ...objects.roles.map((role) => ({ where: `Role ${role.metadata.namespace}/${role.metadata.name}`, role })),
      ].flatMap(({ where, role }) => {
        if (isBootstrap(role.metadata) || role.metadata.name.startsWith('system:')) return [];
        const wide = (role.rules ?? []).filter(
          ({ verbs, resources = [] }) => verbs.includes('*') && resources.includes('*'),
        );
        return wide.length === 0 ? [] : [{ where, what: 'allows every verb on every resource' }];
      }),
  },
  rightsCheck(
    {
      name: 'rbac-escalation',
      title: 'Nobody may give themselves more rights',
      severity: 'critical',
      why: 'escalate, bind and impersonate let somebody become an administrator.',
      fix: 'Take these verbs out of the role.',
    },
    [
      { verb: 'escalate', group: rbac, resource: 'clusterroles' },
      { verb: 'escalate', group: rbac, resource: 'roles' },
      { verb: 'bind', group: rbac, resource: 'clusterroles' },
      { verb: 'bind', group: rbac, resource: 'roles' },
      { verb: 'impersonate', resource: 'users' },
      { verb: 'impersonate', resource: 'groups' },
      { verb: 'impersonate', resource: 'serviceaccounts' },
    ],
  ),
  rightsCheck(
    {
      name: 'rbac-secrets',
      title: 'Nobody may read the Secrets of all namespaces',
      severity: 'high',
      why: 'Among them are the tokens and passwords of others.',
      fix: 'Allow named Secrets, in the namespace that needs them.',
    },
    [
      { verb: 'get', resource: 'secrets' },
      { verb: 'list', resource: 'secrets' },
      { verb: 'watch', resource: 'secrets' },
    ],
    isClusterWide,
  ),
  rightsCheck(
    {
      name: 'rbac-create-pods',
      title: 'Nobody may create pods in all namespaces',
      severity: 'high',
      why: 'A pod may use every service account and Secret of its namespace, also those of kube-system.',
      fix: 'Bind the role in the namespaces that need it.',
    },
    [
      { verb: 'create', resource: 'pods' },
      { verb: 'create', group: 'apps', resource: 'deployments' },
      { verb: 'create', group: 'apps', resource: 'daemonsets' },
      { verb: 'create', group: 'batch', resource: 'jobs' },
    ],
    isClusterWide,
  ),
  rightsCheck(
    {
      name: 'rbac-nodes-proxy',
      title: 'Nobody may reach kubelets through the API server',
      severity: 'high',
      why: 'nodes/proxy runs commands in every container, past admission and audit.',
      fix: 'Use nodes/metrics, nodes/stats or nodes/log instead.',
    },
    [
      { verb: 'get', resource: 'nodes/proxy' },
      { verb: 'create', resource: 'nodes/proxy' },
    ],
  ),
  rightsCheck(
    {
      name: 'rbac-tokens',
      title: 'Nobody may make tokens of all service accounts',
      severity: 'high',
      why: 'Who may acts as any of them.',
      fix: 'Allow serviceaccounts/token for named accounts (resourceNames).',
    },
    [{ verb: 'create', resource: 'serviceaccounts/token' }],
    isClusterWide,
  ),
  rightsCheck(
    {
      name: 'rbac-webhooks',
      title: 'Nobody else may change admission webhooks',
      severity: 'high',
      why: 'A webhook sees and changes every object, Secrets included.',
      fix: 'Take the rights out of the role.',
    },
    [
      { verb: 'create', group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' },
      { verb: 'update', group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' },
      { verb: 'create', group: 'admissionregistration.k8s.io', resource: 'validatingwebhookconfigurations' },
      { verb: 'update', group: 'admissionregistration.k8s.io', resource: 'validatingwebhookconfigurations' },
    ],
  ),
  rightsCheck(
    {
      name: 'rbac-certificates',
      title: 'Nobody else may have certificates signed',
      severity: 'high',
      why: 'Who approves the request for one is whom it names.',
      fix: 'Take certificatesigningrequests/approval out of the role.',
    },
    [
      { verb: 'update', group: 'certificates.k8s.io', resource: 'certificatesigningrequests/approval' },
      { verb: 'patch', group: 'certificates.k8s.io', resource: 'certificatesigningrequests/approval' },
    ],
  ),
];
