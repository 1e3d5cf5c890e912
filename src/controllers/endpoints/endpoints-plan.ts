import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api/core/endpoints.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { isPodReady } from '../pod-state.ts';
import { addressTypesOf } from './desired-endpoints.ts';
import { addressesOf, hostnameOf, targetPortOf } from './service-pods.ts';

/** Addresses that an Endpoints object holds at most. Source: endpoints controller maxCapacity. */
export const capacity = 1000;

/**
 * The subsets of a service's Endpoints object: pods with the same port numbers together, ready and not ready apart,
 * sorted by address. Pods that are being deleted are left out, unless not-ready addresses are published.
 */
export function desiredSubsets(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const publish = service.spec.publishNotReadyAddresses === true;
  const groups = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; unready: EndpointAddress[] }>();
  for (const pod of pods) {
    const address = addressOf(service, pod);
    if (!address || (pod.metadata.deletionTimestamp !== undefined && !publish)) continue;
    const ports = portsOf(service, pod);
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = ports.map((port) => `${port.name}/${port.port}/${port.protocol}`).join(',');
    const group = groups.get(key) ?? { ports, ready: [], unready: [] };
    groups.set(key, group);
    (publish || isPodReady(pod) ? group.ready : group.unready).push(address);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, ready, unready }]) => ({
      addresses: listOf(ready),
      notReadyAddresses: listOf(unready),
      ports: ports.length > 0 ? ports : undefined,
    }));
}

/** Cuts subsets down to `capacity` addresses, ready ones first; `truncated` tells whether some had to go. */
export function withinCapacity(subsets: readonly EndpointSubset[]): {
  readonly subsets: readonly EndpointSubset[];
  readonly truncated: boolean;
} {
  const count = (of: (subset: EndpointSubset) => readonly EndpointAddress[] | undefined): number =>
    subsets.reduce((total, subset) => total + (of(subset)?.length ?? 0), 0);
  const ready = count((subset) => subset.addresses);
  if (ready + count((subset) => subset.notReadyAddresses) <= capacity) return { subsets, truncated: false };
  let readyRoom = capacity;
  let unreadyRoom = Math.max(0, capacity - ready);
  const cut = subsets.map((subset) => {
    const addresses = subset.addresses?.slice(0, readyRoom) ?? [];
    const notReadyAddresses = subset.notReadyAddresses?.slice(0, unreadyRoom) ?? [];
    readyRoom -= addresses.length;
    unreadyRoom -= notReadyAddresses.length;
    return { ...subset, addresses: listOf(addresses), notReadyAddresses: listOf(notReadyAddresses) };
  });
  return { subsets: cut.filter((subset) => subset.addresses ?? subset.notReadyAddresses), truncated: true };
}

function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const family = addressTypesOf(service)[0] === 'IPv6' ? 6 : 4;
  const ip = addressesOf(pod).find((address) => ipFamily(address) === family);
  if (ip === undefined) return undefined;
  const { namespace, name, uid } = pod.metadata;
  return {
    ip,
    hostname: hostnameOf(pod, service),
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    return number === undefined
      ? []
      : [{ name: port.name, port: number, protocol: port.protocol, appProtocol: port.appProtocol }];
  });
}

function listOf(addresses: readonly EndpointAddress[]): readonly EndpointAddress[] | undefined {
  return addresses.length === 0 ? undefined : addresses.toSorted((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0));
}
