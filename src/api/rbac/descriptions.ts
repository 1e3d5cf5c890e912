/** What roles and bindings and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

const subjects = 'Who is meant.';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  Role: { '': 'What may be done within a namespace.', rules: 'What is allowed.' },
  ClusterRole: {
    '': 'What may be done in the whole cluster, or in a namespace if a RoleBinding refers to it.',
    rules: 'What is allowed.',
    aggregationRule: 'Other ClusterRoles whose rules are collected here.',
  },
  AggregationRule: {
    '': 'Says which ClusterRoles are collected.',
    clusterRoleSelectors: 'Labels of those ClusterRoles; any of these.',
  },
  PolicyRule: {
    '': 'Allows verbs on resources or on paths.',
    verbs: 'What may be done; `*` for all.',
    apiGroups: 'Groups of the resources; empty text for core, `*` for all.',
    resources: 'Plural names, with `/subresource` for a part; `*` for all.',
    resourceNames: 'Names of objects; none for all.',
    nonResourceURLs: 'Paths such as `/metrics`, or `/logs/*`; in ClusterRoles only.',
  },
  RoleBinding: {
    '': 'Gives a role to users within a namespace.',
    subjects,
    roleRef: 'The role; can not be changed.',
  },
  ClusterRoleBinding: {
    '': 'Gives a ClusterRole to users in the whole cluster.',
    subjects,
    roleRef: 'The ClusterRole; can not be changed.',
  },
  Subject: {
    '': 'A user, group or service account.',
    kind: 'User, Group or ServiceAccount.',
    apiGroup: 'rbac.authorization.k8s.io for users and groups, empty for service accounts.',
    name: 'Name of the user, group or service account.',
    namespace: 'Namespace of the service account.',
  },
  RoleRef: {
    '': 'Names a role.',
    apiGroup: 'rbac.authorization.k8s.io.',
    kind: 'Role or ClusterRole.',
    name: 'Name of the role.',
  },
};
