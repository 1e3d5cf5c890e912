/**
 * The bootstrap ClusterRoles of upstream's controllers, by the name of their account: clusters in which some of these run
 * elsewhere, and what looks for them, find them. Source: kubernetes' rbac bootstrap policy, controller_policy.go.
 */
import type { PolicyRule } from '../../api/rbac/role.ts';
import { allow, read, reportEvents } from './bootstrap-rules.ts';

const update = 'update';
const patch = 'patch update';
const own = 'create delete get list patch update watch';
const sets = 'apps extensions';
const storage = 'storage.k8s.io';
const certificates = 'certificates.k8s.io';
const admission = 'admissionregistration.k8s.io';
const networking = 'networking.k8s.io';
const resource = 'resource.k8s.io';
const clientOfKubelets = 'kubernetes.io/kube-apiserver-client-kubelet';

/** Rules by the name of the account; the role is `system:controller:<name>`. */
export const controllerRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    allow('list watch', 'persistentvolumeclaims persistentvolumes'),
    allow(read, 'nodes'),
    allow(patch, 'nodes/status'),
    allow('list watch', 'pods'),
    reportEvents,
    allow('create delete get list watch', 'volumeattachments', storage),
    allow(read, 'csidrivers csinodes', storage),
  ],
  'certificate-controller': [
    allow('delete get list watch', 'certificatesigningrequests', certificates),
    allow(update, 'certificatesigningrequests/approval certificatesigningrequests/status', certificates),
    allow('approve', 'signers', certificates, clientOfKubelets),
    allow(
      'sign',
      'signers',
      certificates,
      `kubernetes.io/kube-apiserver-client ${clientOfKubelets} kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown`,
    ),
    allow('create', 'subjectaccessreviews', 'authorization.k8s.io'),
    reportEvents,
  ],
  'clusterrole-aggregation-controller': [
    allow('escalate get list patch update watch', 'clusterroles', 'rbac.authorization.k8s.io'),
  ],
  'cronjob-controller': [
    allow('get list update watch', 'cronjobs', 'batch'),
    allow(own, 'jobs', 'batch'),
    allow(update, 'cronjobs/finalizers cronjobs/status', 'batch'),
    allow('delete list', 'pods'),
    reportEvents,
  ],
  'daemon-set-controller': [
    allow(read, 'daemonsets', sets),
    allow(update, 'daemonsets/finalizers daemonsets/status', sets),
    allow('list watch', 'nodes'),
    allow('create delete list patch watch', 'pods'),
    allow('create', 'pods/binding'),
    allow(own, 'controllerrevisions', 'apps'),
    reportEvents,
  ],
  'deployment-controller': [
    allow('get list update watch', 'deployments', sets),
    allow(update, 'deployments/finalizers deployments/status', sets),
    allow(own, 'replicasets', sets),
    allow('get list update watch', 'pods'),
    reportEvents,
  ],
  'disruption-controller': [
    allow(read, 'deployments replicasets', sets),
    allow(read, 'replicationcontrollers'),
    allow(read, 'poddisruptionbudgets', 'policy'),
    allow(read, 'statefulsets', 'apps'),
    allow(update, 'poddisruptionbudgets/status', 'policy'),
    allow(patch, 'pods/status'),
    allow('get', '*/scale', '*'),
    reportEvents,
  ],
  'endpoint-controller': [
    allow(read, 'pods services'),
    allow('create delete get list update', 'endpoints'),
    allow('create', 'endpoints/restricted'),
    reportEvents,
  ],
  'endpointslice-controller': [
    allow(read, 'nodes pods services'),
    allow(update, 'services/finalizers'),
    allow('create delete get list update', 'endpointslices', 'discovery.k8s.io'),
    reportEvents,
  ],
  'endpointslicemirroring-controller': [
    allow(read, 'endpoints services'),
    allow(update, 'endpoints/finalizers services/finalizers'),
    allow('create delete get list update', 'endpointslices', 'discovery.k8s.io'),
    reportEvents,
  ],
  'ephemeral-volume-controller': [
    allow(read, 'pods'),
    allow(update, 'pods/finalizers'),
    allow('create get list watch', 'persistentvolumeclaims'),
    reportEvents,
  ],
  'expand-controller': [
    allow('get list patch update watch', 'persistentvolumes'),
    allow(patch, 'persistentvolumeclaims/status'),
    allow(read, 'persistentvolumeclaims'),
    reportEvents,
    allow('get', 'services'),
  ],
  'generic-garbage-collector': [allow('delete get list patch update watch', '*', '*'), reportEvents],
  'horizontal-pod-autoscaler': [
    allow(read, 'horizontalpodautoscalers', 'autoscaling'),
    allow(update, 'horizontalpodautoscalers/status', 'autoscaling'),
    allow('get update', '*/scale', '*'),
    allow('list', 'pods', 'core metrics.k8s.io'),
    allow('get list', '*', 'custom.metrics.k8s.io external.metrics.k8s.io'),
    reportEvents,
  ],
  'job-controller': [
    allow('get list patch update watch', 'jobs', 'batch'),
    allow(update, 'jobs/finalizers jobs/status', 'batch'),
    allow('create delete list patch watch', 'pods'),
    reportEvents,
  ],
  'kube-apiserver-serving-clustertrustbundle-publisher': [
    allow('attest', 'signers', certificates, 'kubernetes.io/kube-apiserver-serving'),
    allow('create delete list update watch', 'clustertrustbundles', certificates),
    reportEvents,
  ],
  'legacy-service-account-token-cleaner': [
    allow('get', 'configmaps', 'core', 'kube-apiserver-legacy-service-account-token-tracking'),
    allow('delete patch', 'secrets'),
  ],
  'namespace-controller': [
    allow('delete get list watch', 'namespaces'),
    allow(update, 'namespaces/finalize namespaces/status'),
    allow('delete deletecollection get list', '*', '*'),
  ],
  'node-controller': [
    allow('delete get list patch update', 'nodes'),
    allow(patch, 'nodes/status pods/status'),
    allow('delete get list', 'pods'),
    reportEvents,
  ],
  'persistent-volume-binder': [
    allow('create delete get list update watch', 'persistentvolumes'),
    allow(update, 'persistentvolumeclaims/status persistentvolumes/status'),
    allow('get list update watch', 'persistentvolumeclaims'),
    allow('create delete get list watch', 'pods'),
    allow(read, 'storageclasses', storage),
    allow('list watch', 'nodes'),
    reportEvents,
    allow('watch', 'events'),
    allow('get', 'services'),
  ],
  'pod-garbage-collector': [
    allow('delete list watch', 'pods'),
    allow('get list', 'nodes'),
    allow('patch', 'pods/status'),
  ],
  podcertificaterequestcleaner: [allow('delete get list watch', 'podcertificaterequests', certificates)],
  'pv-protection-controller': [allow('get list update watch', 'persistentvolumes'), reportEvents],
  'pvc-protection-controller': [
    allow('get list update watch', 'persistentvolumeclaims'),
    allow(read, 'pods'),
    reportEvents,
  ],
  'replicaset-controller': [
    allow('get list update watch', 'replicasets', sets),
    allow(update, 'replicasets/finalizers replicasets/status', sets),
    allow('create delete list patch watch', 'pods'),
    reportEvents,
  ],
  'replication-controller': [
    allow('get list update watch', 'replicationcontrollers'),
    allow(update, 'replicationcontrollers/finalizers replicationcontrollers/status'),
    allow('create delete list patch watch', 'pods'),
    reportEvents,
  ],
  'resource-claim-controller': [
    allow(read, 'pods'),
    allow(update, 'pods/finalizers'),
    allow('create delete get list watch', 'resourceclaims', resource),
    allow(patch, 'resourceclaims resourceclaims/status', resource),
    allow(patch, 'pods/status'),
    reportEvents,
  ],
  'resourcequota-controller': [allow('list watch', '*', '*'), allow(update, 'resourcequotas/status'), reportEvents],
  'root-ca-cert-publisher': [allow('create update', 'configmaps'), reportEvents],
  'route-controller': [allow('list watch', 'nodes'), allow('patch', 'nodes/status'), reportEvents],
  'selinux-warning-controller': [
    allow(read, 'persistentvolumeclaims persistentvolumes pods'),
    allow(read, 'csidrivers', storage),
    reportEvents,
  ],
  'service-account-controller': [allow('create', 'serviceaccounts'), reportEvents],
  'service-cidrs-controller': [
    allow('get list patch update watch', 'servicecidrs', networking),
    allow(patch, 'servicecidrs/finalizers servicecidrs/status', networking),
    allow(read, 'ipaddresses', networking),
    reportEvents,
  ],
  'service-controller': [
    allow(read, 'services'),
    allow(patch, 'services/status'),
    allow('list watch', 'nodes'),
    reportEvents,
  ],
  'statefulset-controller': [
    allow('list watch', 'pods'),
    allow(read, 'statefulsets', 'apps'),
    allow(update, 'statefulsets/finalizers statefulsets/status', 'apps'),
    allow('create delete get patch update', 'pods'),
    allow(own, 'controllerrevisions', 'apps'),
    allow('create delete get list update watch', 'persistentvolumeclaims'),
    allow(update, 'pods/finalizers'),
    reportEvents,
  ],
  'ttl-after-finished-controller': [allow('delete get list watch', 'jobs', 'batch'), reportEvents],
  'ttl-controller': [allow('list patch update watch', 'nodes'), reportEvents],
  'validatingadmissionpolicy-status-controller': [
    allow(read, 'validatingadmissionpolicies', admission),
    allow('get patch update', 'validatingadmissionpolicies/status', admission),
    reportEvents,
  ],
  'volumeattributesclass-protection-controller': [
    allow(read, 'persistentvolumeclaims persistentvolumes'),
    allow('get list update watch', 'volumeattributesclasses', storage),
    reportEvents,
  ],
};

/** What a role of whoever locks a component's leadership may do. */
export const leaderLockRules: readonly PolicyRule[] = [
  allow('create get list update watch', 'leasecandidates leases', 'coordination.k8s.io'),
];
