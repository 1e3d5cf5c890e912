/** What objects count for in quotas. Source: upstream's quota evaluators. */
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { compareQuantities, quantityValue } from '../../machinery/quantity.ts';
import { deviceUsage, devicesSuffix } from '../resource/device-usage.ts';
import { ResourceClaim } from '../resource/resource-claim.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { Pod } from './pod.ts';
import { exactly, podTotal } from './pod-resources.ts';
import type { Quantities } from './pod-resources.ts';
import { qosClass } from './qos-class.ts';
import { isHugePages, isNativeResource } from './resource-names.ts';
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

const claimAmounts: readonly string[] = ['persistentvolumeclaims', 'requests.storage'];
const serviceAmounts: readonly string[] = ['services', 'services.nodeports', 'services.loadbalancers'];
const computeAmounts: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
const classSuffix = '.storageclass.storage.k8s.io/';

/** Whether objects of a kind can count for a resource that a quota limits. */
export function countsFor({ qualified }: Pick<Resource, 'qualified'>, name: string): boolean {
  if (name === `count/${qualified}`) return true;
  switch (qualified) {
    case Pod.qualified:
      return name === 'pods' || isComputeAmount(name);
    case Service.qualified:
      return serviceAmounts.includes(name);
    case PersistentVolumeClaim.qualified:
      return claimAmounts.some((amount) => name === amount || name.endsWith(`${classSuffix}${amount}`));
    case ResourceClaim.qualified:
      return name.endsWith(devicesSuffix);
    default:
      return counted.has(qualified) && name === qualified;
  }
}

function isComputeAmount(name: string): boolean {
  const plain = name.replace(/^(?:requests|limits)\./, '');
  if (computeAmounts.includes(plain)) return true;
  if (name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')) return true;
  return name.startsWith('requests.') && !isNativeResource(name);
}

/** What an object counts for, by the names that quotas use; `now` in ms. */
export function quotaUsage(resource: Pick<Resource, 'qualified'>, object: ApiObject, now: number): Quantities {
  const own: Record<string, string> = { [`count/${resource.qualified}`]: '1' };
  if (resource.qualified === Pod.qualified) return { ...own, ...podUsage(object as Pod, now) };
  if (resource.qualified === ResourceClaim.qualified) return { ...own, ...deviceUsage(object as ResourceClaim) };
  if (counted.has(resource.qualified)) own[resource.qualified] = '1';
  if (resource.qualified === Service.qualified) return { ...own, ...serviceUsage(object as Service) };
  if (resource.qualified === PersistentVolumeClaim.qualified) {
    return { ...own, ...claimUsage(object as PersistentVolumeClaim) };
  }
  return own;
}

/** Pods that have ended, or should long be gone, hold no resources; they are still objects. */
function podUsage(pod: Pod, now: number): Quantities {
  const { phase } = pod.status;
  if (phase === 'Succeeded' || phase === 'Failed' || isOverdue(pod, now)) return {};
  const usage: Record<string, string> = { pods: '1' };
  const total = (part: 'requests' | 'limits'): Quantities =>
    podTotal(pod, { part, reckoning: exactly, status: 'counted' });
  for (const [name, amount] of Object.entries(total('requests'))) {
    if (computeAmounts.includes(name) || isHugePages(name)) usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(total('limits'))) {
    if (computeAmounts.includes(name)) usage[`limits.${name}`] = amount;
  }
  return usage;
}

function isOverdue({ metadata }: Pod, now: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = metadata;
  if (deletionTimestamp === undefined || grace === undefined) return false;
  return now > Date.parse(deletionTimestamp) + grace * 1000;
}

/** Node ports count as they are wished for: they are given out later. */
function serviceUsage({ spec }: Service): Quantities {
  const { type, ports = [], allocateLoadBalancerNodePorts: allocates = true } = spec;
  const isBalanced = type === 'LoadBalancer';
  const stated = ports.filter(({ nodePort }) => nodePort).length;
  const all = type === 'NodePort' || (isBalanced && allocates) ? ports.length : stated;
  return {
    'services.loadbalancers': isBalanced ? '1' : '0',
    'services.nodeports': type === 'NodePort' || isBalanced ? String(all) : '0',
  };
}

function claimUsage({ spec, status, metadata }: PersistentVolumeClaim): Quantities {
  const asked = spec.resources?.requests?.['storage'];
  const allocated = status.allocatedResources?.['storage'];
  const larger = asked !== undefined && allocated !== undefined && compareQuantities(allocated, asked) > 0;
  const amount = larger ? allocated : asked;
  const bytes = amount === undefined ? undefined : wholeBytes(amount);
  const storage: Record<string, string> = bytes === undefined ? {} : { 'requests.storage': bytes };
  const name = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName;
  if (!name) return storage;
  return {
    ...storage,
    [`${name}${classSuffix}persistentvolumeclaims`]: '1',
    ...(bytes === undefined ? {} : { [`${name}${classSuffix}requests.storage`]: bytes }),
  };
}

/** A quota has no halves of bytes. */
function wholeBytes(amount: string): string {
  const rounded = String(quantityValue(amount));
  return compareQuantities(amount, rounded) === 0 ? amount : rounded;
}

/** A condition on the objects that a quota is about. */
export interface QuotaScope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** The conditions of a quota, all of which must hold. */
export function scopesOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): readonly QuotaScope[] {
  const named = scopes.map((scopeName): QuotaScope => ({ scopeName, operator: 'Exists' }));
  return [...named, ...(scopeSelector?.matchExpressions ?? [])];
}

/** Whether a quota is about an object. */
export function inQuotaScope(
  spec: ResourceQuotaSpec,
  resource: Pick<Resource, 'qualified'>,
  object: ApiObject,
): boolean {
  return scopesOf(spec).every((scope) => inScope(scope, resource, object));
}

/** Whether an object meets one condition; all of them concern pods, or claims. */
export function inScope(scope: QuotaScope, { qualified }: Pick<Resource, 'qualified'>, object: ApiObject): boolean {
  if (qualified === Pod.qualified) return podInScope(object as Pod, scope);
  return qualified === PersistentVolumeClaim.qualified && claimInScope(object as PersistentVolumeClaim, scope);
}

function claimInScope({ spec, status }: PersistentVolumeClaim, scope: QuotaScope): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false;
  const { currentVolumeAttributesClassName: current, modifyVolumeStatus } = status;
  const all = [spec.volumeAttributesClassName, current, modifyVolumeStatus?.targetVolumeAttributesClassName];
  const names = all.filter((name) => name);
  return (names.length === 0 ? [''] : names).some((name = '') => classInScope(name, scope));
}

function podInScope(pod: Pod, scope: QuotaScope): boolean {
  const { activeDeadlineSeconds, priorityClassName = '' } = pod.spec;
  const terminating = activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
  switch (scope.scopeName) {
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
      return classInScope(priorityClassName, scope);
    default:
      return false;
  }
}

function classInScope(name: string, { operator, values = [] }: QuotaScope): boolean {
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
