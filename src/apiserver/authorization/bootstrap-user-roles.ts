/** The bootstrap ClusterRoles that are for people. Source: kubernetes' rbac bootstrap policy. */
import type { PolicyRule } from '../../api/rbac/role.ts';
import { allow, allowPaths, read, readWrite, write } from './bootstrap-rules.ts';

const health = '/healthz /livez /readyz';
const workloads =
  'daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale';
const extensions =
  'daemonsets deployments deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale';
const podStreams = 'pods/attach pods/exec pods/portforward pods/proxy';

/** What `admin` may do beyond `edit`. */
const admin: readonly PolicyRule[] = [
  allow('create', 'localsubjectaccessreviews', 'authorization.k8s.io'),
  allow(readWrite, 'roles rolebindings', 'rbac.authorization.k8s.io'),
];

/** What `edit` may do beyond `view`. */
const edit: readonly PolicyRule[] = [
  allow(read, `${podStreams} secrets services/proxy`),
  allow('impersonate', 'serviceaccounts'),
  allow(write, `pods ${podStreams}`),
  allow('create', 'pods/eviction'),
  allow(
    write,
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  allow('create', 'serviceaccounts/token'),
  allow(write, `${workloads} deployments/rollback`, 'apps'),
  allow(write, 'horizontalpodautoscalers', 'autoscaling'),
  allow(write, 'cronjobs jobs', 'batch'),
  allow(write, `${extensions} deployments/rollback`, 'extensions'),
  allow(write, 'poddisruptionbudgets', 'policy'),
  allow(write, 'ingresses networkpolicies', 'networking.k8s.io'),
  allow(readWrite, 'leases', 'coordination.k8s.io'),
  allow(write, 'resourceclaims resourceclaimtemplates', 'resource.k8s.io'),
];

const view: readonly PolicyRule[] = [
  allow(
    read,
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  allow(
    read,
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  allow(read, 'namespaces'),
  allow(read, 'endpointslices', 'discovery.k8s.io'),
  allow(
    read,
    `controllerrevisions ${workloads} daemonsets/status deployments/status replicasets/status statefulsets/status`,
    'apps',
  ),
  allow(read, 'horizontalpodautoscalers horizontalpodautoscalers/status', 'autoscaling'),
  allow(read, 'cronjobs cronjobs/status jobs jobs/status', 'batch'),
  allow(read, `${extensions} daemonsets/status deployments/status ingresses/status replicasets/status`, 'extensions'),
  allow(read, 'poddisruptionbudgets poddisruptionbudgets/status', 'policy'),
  allow(read, 'ingresses ingresses/status networkpolicies', 'networking.k8s.io'),
  allow(read, 'resourceclaims resourceclaims/status resourceclaimtemplates', 'resource.k8s.io'),
];

/** Roles for people, by name. `admin`, `edit` and `view` are aggregated from these by `aggregations`. */
export const userRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [allow('*', '*', '*'), allowPaths('*', '*')],
  'system:aggregate-to-admin': admin,
  'system:aggregate-to-edit': edit,
  'system:aggregate-to-view': view,
  'system:basic-user': [
    allow('create', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'authorization.k8s.io'),
    allow('create', 'selfsubjectreviews', 'authentication.k8s.io'),
  ],
  'system:discovery': [allowPaths('get', `/api /api/* /apis /apis/* ${health} /openapi /openapi/* /version /version/`)],
  'system:public-info-viewer': [allowPaths('get', `${health} /version /version/`)],
  'system:monitoring': [
    allowPaths('get', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
  ],
  'system:service-account-issuer-discovery': [
    allowPaths(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ],
};

/** The aggregated roles, and the label on the roles that make them up. */
export const aggregations: Readonly<Record<string, string>> = {
  admin: 'rbac.authorization.k8s.io/aggregate-to-admin',
  edit: 'rbac.authorization.k8s.io/aggregate-to-edit',
  view: 'rbac.authorization.k8s.io/aggregate-to-view',
};

/** Into which aggregated roles each role goes: who may edit may also view. */
export const aggregationLabels: Readonly<Record<string, readonly string[]>> = {
  admin: [],
  edit: ['admin'],
  view: ['edit'],
  'system:aggregate-to-admin': ['admin'],
  'system:aggregate-to-edit': ['edit'],
  'system:aggregate-to-view': ['view'],
};
