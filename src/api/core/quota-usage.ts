/** What objects count for in quotas. Source: upstream's quota evaluators. */
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { Pod } from './pod.ts';
import { exactly, podTotal } from './pod-resources.ts';
import type { Quantities } from './pod-resources.ts';
import { qosClass } from './qos-class.ts';
import type { ResourceQuotaSpec } from './resource-quota.ts';
import { Service } from './service.ts';

/** Kinds whose number has a name of its own beside `count/…`. */
const counted = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** What an object counts for, by the names that quotas use. */
export function quotaUsage(resource: Resource, object: ApiObject): Quantities {
  const own: Record<string, string> = { [`count/${resource.qualified}`]: '1' };
  if (resource.qualified === Pod.qualified) return { ...own, ...podUsage(object as Pod) };
  if (counted.has(resource.qualified)) own[resource.qualified] = '1';
  if (resource.qualified === Service.qualified) return { ...own, ...serviceUsage(object as Service) };
  if (resource.qualified === PersistentVolumeClaim.qualified) {
    return { ...own, ...claimUsage(object as PersistentVolumeClaim) };
  }
  return own;
}

/** Pods that have ended hold no resources; they are still objects. */
function podUsage(pod: Pod): Quantities {
  const { phase } = pod.status;
  if (phase === 'Succeeded' || phase === 'Failed') return {};
  const usage: Record<string, string> = { pods: '1' };
  const total = (part: 'requests' | 'limits'): Quantities =>
    podTotal(pod, { part, reckoning: exactly, status: 'counted' });
  for (const [name, amount] of Object.entries(total('requests'))) {
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(total('limits'))) usage[`limits.${name}`] = amount;
  return usage;
}

function serviceUsage({ spec }: Service): Quantities {
  const { type, ports = [] } = spec;
  const published = ports.filter(({ nodePort }) => nodePort).length;
  const balanced = type === 'LoadBalancer';
  return {
    ...(balanced ? { 'services.loadbalancers': '1' } : {}),
    ...(type === 'NodePort' || balanced
      ? { 'services.nodeports': String(type === 'NodePort' ? ports.length : published) }
      : {}),
  };
}

function claimUsage({ spec, status, metadata }: PersistentVolumeClaim): Quantities {
  const amount = status.capacity?.['storage'] ?? spec.resources?.requests?.['storage'];
  const storage: Record<string, string> = amount === undefined ? {} : { 'requests.storage': amount };
  const name = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName;
  if (!name) return storage;
  const prefix = `${name}.storageclass.storage.k8s.io`;
  return {
    ...storage,
    [`${prefix}/persistentvolumeclaims`]: '1',
    ...(amount === undefined ? {} : { [`${prefix}/requests.storage`]: amount }),
  };
}

interface Scope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Whether a quota is about an object: its scopes, all of which concern pods (or claims' classes), must match. */
export function inQuotaScope(spec: ResourceQuotaSpec, resource: Resource, object: ApiObject): boolean {
  const named = (spec.scopes ?? []).map((scopeName): Scope => ({ scopeName, operator: 'Exists' }));
  const scopes = [...named, ...(spec.scopeSelector?.matchExpressions ?? [])];
  if (scopes.length === 0) return true;
  if (resource.qualified !== Pod.qualified) return false;
  return scopes.every((scope) => podInScope(object as Pod, scope));
}

function podInScope(pod: Pod, { scopeName, operator, values = [] }: Scope): boolean {
  const { activeDeadlineSeconds, priorityClassName = '' } = pod.spec;
  const terminating = activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
  switch (scopeName) {
    case 'Terminating':
      return terminating;
    case 'NotTerminating':
      return !terminating;
    case 'BestEffort':
      return qosClass(pod.spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(pod.spec) !== 'BestEffort';
    case 'CrossNamespacePodAffinity':
      return reachesAcrossNamespaces(pod);
    case 'PriorityClass':
      return classInScope(priorityClassName, operator, values);
    default:
      return false;
  }
}

function classInScope(name: string, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return values.includes(name);
    default:
      return name === '' || !values.includes(name);
  }
}

function reachesAcrossNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) => {
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...preferred.map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    return terms.some(
      ({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined,
    );
  });
}
