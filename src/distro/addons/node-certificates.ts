import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { addon } from './apply-addons.ts';
import type { AddonObject } from './apply-addons.ts';

/**
 * Nodes may renew their own client certificates without anybody's approval, as kubeadm has it. Their serving certificates
 * and the proxies' are approved by the controller `node-certificate-approver`, which needs no permission of the node.
 */
export const nodeAddons: readonly AddonObject[] = [
  addon(ClusterRoleBinding, {
    metadata: { name: 'kubets:node-client-certificate-renewal' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:nodes' }],
  }),
];
