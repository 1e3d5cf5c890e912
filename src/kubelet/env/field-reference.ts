import type { Pod } from '../../api/core/pod.ts';
import type { ResourceFieldSelector } from '../../api/core/volume.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';
import { allContainers } from '../pod/pod-facts.ts';

/** Addresses that are known only once the sandbox runs. */
export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  readonly nodeName: string;
}

/** What a node offers to a container without limits. */
export interface NodeAllocatable {
  /** Whole and parts of cores, in thousandths. */
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly ephemeralStorage: number;
}

/** The value of a field of the pod, as `fieldRef` names it. Throws when there is no such field. */
export function fieldValue(pod: Pod, path: string, addresses: PodAddresses): string {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  const fields: Readonly<Record<string, () => string>> = {
    'metadata.name': () => pod.metadata.name,
    'metadata.namespace': () => pod.metadata.namespace ?? '',
    'metadata.uid': () => pod.metadata.uid,
    'metadata.labels': () => formatMap(pod.metadata.labels ?? {}),
    'metadata.annotations': () => formatMap(pod.metadata.annotations ?? {}),
    'spec.nodeName': () => pod.spec.nodeName ?? addresses.nodeName,
    'spec.serviceAccountName': () => pod.spec.serviceAccountName ?? '',
    'status.hostIP': () => addresses.hostIPs[0] ?? '',
    'status.hostIPs': () => addresses.hostIPs.join(','),
    'status.podIP': () => addresses.podIPs[0] ?? '',
    'status.podIPs': () => addresses.podIPs.join(','),
  };
  const read = fields[path];
  if (!read) throw new Error(`unsupported fieldPath: ${path}`);
  return read();
}

/** The value of a container's request or limit, divided as asked; without a limit, what the node can give. */
export function resourceValue(
  pod: Pod,
  reference: ResourceFieldSelector,
  from: { readonly container: string; readonly allocatable: NodeAllocatable },
): string {
  const name = reference.containerName || from.container;
  const container = allContainers(pod).find((entry) => entry.container.name === name)?.container;
  if (!container) throw new Error(`container ${name} not found`);
  const match = /^(limits|requests)\.(.+)$/.exec(reference.resource);
  if (!match) throw new Error(`unsupported container resource : ${reference.resource}`);
  const [, part, resource = ''] = match;
  const { limits = {}, requests = {} } = container.resources;
  const stated = part === 'limits' ? limits[resource] : (requests[resource] ?? limits[resource]);
  const divisor = reference.divisor && quantityValue(reference.divisor) !== 0 ? reference.divisor : '1';
  if (resource === 'cpu') {
    const milli = stated === undefined ? (part === 'limits' ? from.allocatable.milliCpu : 0) : milliValue(stated);
    return String(Math.ceil(milli / milliValue(divisor)));
  }
  const bytes =
    stated === undefined ? (part === 'limits' ? allocatableOf(resource, from.allocatable) : 0) : quantityValue(stated);
  return String(Math.ceil(bytes / quantityValue(divisor)));
}

/** Labels or annotations as files show them: `key="value"`, one a line, sorted. */
export function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${quote(map[key] ?? '')}`)
    .join('\n');
}

/** As Go's %q for what occurs in labels and annotations. */
function quote(value: string): string {
  return JSON.stringify(value);
}

function allocatableOf(resource: string, allocatable: NodeAllocatable): number {
  if (resource === 'memory') return allocatable.memory;
  return resource === 'ephemeral-storage' ? allocatable.ephemeralStorage : 0;
}
