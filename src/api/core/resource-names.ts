/** Names of resources: which there are, and what they mean where. Source: kubernetes' core/helper. */

const hugePages = 'hugepages-';
const containers: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
const requests: readonly string[] = [
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
];
const limits: readonly string[] = ['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'];
const counts: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

/** Pages of memory of a certain size, such as `hugepages-2Mi`. */
export function isHugePages(name: string): boolean {
  return name.startsWith(hugePages);
}

/** What a container may ask for without a domain in the name. */
export function isContainerResource(name: string): boolean {
  return containers.includes(name) || isHugePages(name);
}

/** What any object may speak of without a domain in the name. */
export function isStandardResource(name: string): boolean {
  const isKnown = [...containers, ...requests, ...limits, ...counts, 'storage'].includes(name);
  return isKnown || isHugePages(name) || name.startsWith(`requests.${hugePages}`);
}

/** What a quota may limit without a domain in the name. */
export function isQuotaResource(name: string): boolean {
  return isStandardResource(name) && name !== 'storage';
}

/** Whether a resource is Kubernetes' own: it has no domain, or that of Kubernetes. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Whether a resource can only be had in whole numbers. */
export function isWholeResource(name: string): boolean {
  return counts.includes(name) || isExtendedResource(name);
}

/** Whether a resource is one that nodes advertise by themselves, such as `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.');
}

/** Whether a container may be promised more of a resource than it asks for. */
export function mayOvercommit(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}
