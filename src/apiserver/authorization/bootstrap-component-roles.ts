/** The bootstrap ClusterRoles of components. Source: kubernetes' rbac bootstrap policy. */
import type { PolicyRule } from '../../api/rbac/role.ts';
import { allow, delegateAuthentication, read, reportEvents } from './bootstrap-rules.ts';

const leases = 'coordination.k8s.io';
const certificates = 'certificates.k8s.io';

/** What a kubelet may do; NodeRestriction narrows it to its own node and pods. */
const node: readonly PolicyRule[] = [
  allow('create', 'tokenreviews', 'authentication.k8s.io'),
  allow('create', 'localsubjectaccessreviews subjectaccessreviews', 'authorization.k8s.io'),
  allow(read, 'services'),
  allow('create get list watch', 'nodes'),
  allow('patch update', 'nodes nodes/status'),
  reportEvents,
  allow(read, 'pods'),
  allow('create delete', 'pods'),
  allow('patch update', 'pods/status'),
  allow('create', 'pods/eviction'),
  allow(read, 'configmaps secrets'),
  allow('get', 'persistentvolumeclaims persistentvolumes'),
  allow('get patch update', 'persistentvolumeclaims/status'),
  allow('get', 'endpoints'),
  allow('create get list watch', 'certificatesigningrequests', certificates),
  allow('create delete get patch update', 'leases', leases),
  allow('get', 'volumeattachments', 'storage.k8s.io'),
  allow('create', 'serviceaccounts/token'),
  allow('get', 'serviceaccounts'),
  allow(read, 'csidrivers', 'storage.k8s.io'),
  allow('create delete get patch update', 'csinodes', 'storage.k8s.io'),
  allow(read, 'runtimeclasses', 'node.k8s.io'),
  allow('get', 'resourceclaims', 'resource.k8s.io'),
  allow('deletecollection', 'resourceslices', 'resource.k8s.io'),
  allow(read, 'clustertrustbundles', certificates),
  allow('create get list watch', 'podcertificaterequests', certificates),
];

const scheduler: readonly PolicyRule[] = [
  reportEvents,
  allow('create', 'leases', leases),
  allow('get list update watch', 'leases', leases, 'kube-scheduler'),
  allow('create', 'leasecandidates', leases),
  allow('delete deletecollection get list patch update watch', 'leasecandidates', leases),
  allow(read, 'nodes'),
  allow('delete get list watch', 'pods'),
  allow('create', 'bindings pods/binding'),
  allow('patch update', 'pods/status'),
  allow(read, 'replicationcontrollers services'),
  allow(read, 'replicasets', 'apps extensions'),
  allow(read, 'statefulsets', 'apps'),
  allow(read, 'poddisruptionbudgets', 'policy'),
  allow(read, 'persistentvolumeclaims persistentvolumes'),
  ...delegateAuthentication,
  allow(read, 'csidrivers csinodes csistoragecapacities volumeattachments', 'storage.k8s.io'),
  allow(read, 'namespaces'),
  allow(read, 'priorityclasses', 'scheduling.k8s.io'),
  allow(read, 'deviceclasses resourceslices', 'resource.k8s.io'),
  allow('get list patch update watch', 'resourceclaims', 'resource.k8s.io'),
  allow('get list patch update watch', 'resourceclaims/status', 'resource.k8s.io'),
  allow('get list patch update watch', 'pods/finalizers'),
];

const controllerManager: readonly PolicyRule[] = [
  reportEvents,
  allow('create', 'leases', leases),
  allow('get update', 'leases', leases, 'kube-controller-manager'),
  allow('create', 'secrets serviceaccounts'),
  allow('delete', 'secrets'),
  allow('get', 'configmaps namespaces secrets serviceaccounts'),
  allow('update', 'secrets serviceaccounts'),
  ...delegateAuthentication,
  allow('list watch', '*', '*'),
  allow('create', 'serviceaccounts/token'),
];

const signers = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'];

/** For whom requests are approved by the controllers, and who approves others. */
const certificateRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  ...Object.fromEntries(
    ['nodeclient', 'selfnodeclient'].map((subresource) => [
      `system:certificates.k8s.io:certificatesigningrequests:${subresource}`,
      [allow('create', `certificatesigningrequests/${subresource}`, certificates)],
    ]),
  ),
  ...Object.fromEntries(
    signers.map((signer) => [
      `system:certificates.k8s.io:${signer}-approver`,
      [allow('approve', 'signers', certificates, `kubernetes.io/${signer}`)],
    ]),
  ),
};

/** Roles of components, by name. */
export const componentRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  ...certificateRoles,
  'system:cluster-trust-bundle-discovery': [allow(read, 'clustertrustbundles', certificates)],
  'system:node': node,
  'system:node-proxier': [
    allow('list watch', 'endpoints services'),
    allow(read, 'nodes'),
    reportEvents,
    allow('list watch', 'endpointslices', 'discovery.k8s.io'),
    allow('list watch', 'servicecidrs', 'networking.k8s.io'),
  ],
  'system:node-problem-detector': [allow('get', 'nodes'), allow('patch', 'nodes/status'), reportEvents],
  'system:kube-scheduler': scheduler,
  'system:volume-scheduler': [
    allow('get list patch update watch', 'persistentvolumes'),
    allow(read, 'storageclasses', 'storage.k8s.io'),
    allow('get list patch update watch', 'persistentvolumeclaims'),
  ],
  'system:kube-controller-manager': controllerManager,
  'system:kube-dns': [
    allow('list watch', 'endpoints services'),
    allow('list watch', 'endpointslices', 'discovery.k8s.io'),
  ],
  'system:auth-delegator': delegateAuthentication,
  'system:kube-aggregator': [allow(read, 'endpoints services')],
  'system:kubelet-api-admin': [
    allow(read, 'nodes'),
    allow('proxy', 'nodes'),
    allow('*', 'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'),
  ],
  'system:node-bootstrapper': [allow('create get list watch', 'certificatesigningrequests', certificates)],
  'system:persistent-volume-provisioner': [
    allow('create delete get list watch', 'persistentvolumes'),
    allow('get list update watch', 'persistentvolumeclaims'),
    allow(read, 'storageclasses', 'storage.k8s.io'),
    allow('watch', 'events'),
    reportEvents,
  ],
};
