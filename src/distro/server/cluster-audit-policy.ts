import type { AuditPolicy } from '../../apiserver/audit/audit-policy.ts';

const reads = ['get', 'list', 'watch'];

/** The control plane's own users, in whose name it reads all day. */
const componentUsers = [
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-proxy',
  'system:kube-scheduler',
  'system:kubets:addons',
];
/** Kubelets, and the service accounts of controllers and add-ons. */
const componentGroups = ['system:nodes', 'system:serviceaccounts:kube-system'];

/**
 * What a cluster records unless it is told otherwise: who changes what, who reads Secrets, settings and rights, who goes into
 * pods; never what is in objects. What a cluster says to itself all day is left out: it would hide the rest.
 */
export const clusterAuditPolicy: Omit<AuditPolicy, 'apiVersion' | 'kind'> = {
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: componentUsers, verbs: reads },
    { level: 'None', userGroups: componentGroups, verbs: reads },
    {
      level: 'None',
      resources: [
        { group: 'coordination.k8s.io', resources: ['leases'] },
        { group: '', resources: ['events'] },
        { group: 'events.k8s.io', resources: ['events'] },
      ],
    },
    // Kubelets ask for each request that comes to them.
    {
      level: 'None',
      userGroups: componentGroups,
      resources: [{ group: 'authentication.k8s.io' }, { group: 'authorization.k8s.io' }],
    },
    // What is found is told in statuses; what is to be stands elsewhere.
    { level: 'None', userGroups: componentGroups, resources: [{ group: '*', resources: ['*/status'] }] },
    { level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
    {
      level: 'Metadata',
      resources: [
        { group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
        { group: '', resources: ['pods/exec', 'pods/attach', 'pods/portforward', '*/proxy'] },
        { group: 'rbac.authorization.k8s.io' },
      ],
    },
  ],
};
