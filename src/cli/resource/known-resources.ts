import type { ApiResource } from './discovery.ts';

/** Where the kinds live that kubectl makes by itself, so that making one needs no discovery. */
const core = { group: '', version: 'v1' } as const;
const apps = { group: 'apps', version: 'v1' } as const;
const batch = { group: 'batch', version: 'v1' } as const;
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** Paths by kind. */
export const knownResources = {
  Namespace: { ...core, plural: 'namespaces', namespaced: false },
  Node: { ...core, plural: 'nodes', namespaced: false },
  Pod: { ...core, plural: 'pods', namespaced: true },
  Service: { ...core, plural: 'services', namespaced: true },
  ConfigMap: { ...core, plural: 'configmaps', namespaced: true },
  Secret: { ...core, plural: 'secrets', namespaced: true },
  ServiceAccount: { ...core, plural: 'serviceaccounts', namespaced: true },
  Event: { ...core, plural: 'events', namespaced: true },
  Deployment: { ...apps, plural: 'deployments', namespaced: true },
  ReplicaSet: { ...apps, plural: 'replicasets', namespaced: true },
  ControllerRevision: { ...apps, plural: 'controllerrevisions', namespaced: true },
  Role: { ...rbac, plural: 'roles', namespaced: true },
  RoleBinding: { ...rbac, plural: 'rolebindings', namespaced: true },
  ClusterRole: { ...rbac, plural: 'clusterroles', namespaced: false },
  ClusterRoleBinding: { ...rbac, plural: 'clusterrolebindings', namespaced: false },
  EndpointSlice: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', namespaced: true },
  Job: { ...batch, plural: 'jobs', namespaced: true },
  CronJob: { ...batch, plural: 'cronjobs', namespaced: true },
  ResourceQuota: { ...core, plural: 'resourcequotas', namespaced: true },
  Lease: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespaced: true },
  PodDisruptionBudget: { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', namespaced: true },
} as const;

/** Pods, as discovery would describe them. */
export const podResource: ApiResource = {
  ...knownResources.Pod,
  singular: 'pod',
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  verbs: [],
  subresources: [],
};

/** A kind that kubectl makes by itself. */
export type KnownKind = keyof typeof knownResources;

/** `apps/v1` of a known kind. */
export function apiVersionOf(kind: KnownKind): string {
  const { group, version } = knownResources[kind];
  return group === '' ? version : `${group}/${version}`;
}
