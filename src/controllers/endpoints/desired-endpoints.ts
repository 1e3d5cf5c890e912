import type { Endpoint, EndpointPort } from '../../api/discovery/endpoint-slice.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { isPodReady } from '../pod-state.ts';
import { addressesOf, hostnameOf, targetPortOf } from './service-pods.ts';

/** The family of a slice's addresses. */
export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints that share their family and port numbers, and therefore slices. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** Identifies a group among those of one service. */
export function groupKey(group: {
  readonly addressType: string;
  readonly ports?: readonly EndpointPort[] | undefined;
}): string {
  const ports = (group.ports ?? []).map(
    (p) => `${p.name ?? ''}/${p.protocol ?? 'TCP'}/${p.port ?? ''}/${p.appProtocol ?? ''}`,
  );
  return `${group.addressType} ${ports.sort().join(',')}`;
}

/** The endpoints that a service should have, given its pods; `zoneOf` tells the zone of a node. */
export function desiredEndpoints(
  service: Service,
  pods: readonly Pod[],
  zoneOf: (node: string) => string | undefined,
): readonly EndpointGroup[] {
  const groups = new Map<string, { addressType: AddressType; ports: readonly EndpointPort[]; endpoints: Endpoint[] }>();
  for (const addressType of addressTypesOf(service)) {
    for (const pod of pods) {
      const addresses = addressesOf(pod).filter((address) => ipFamily(address) === (addressType === 'IPv4' ? 4 : 6));
      if (addresses.length === 0) continue;
      const ports = portsOf(service, pod);
      const key = groupKey({ addressType, ports });
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(service, pod, { addresses, zoneOf }));
    }
  }
  return [...groups.values()];
}

/** The families of a service: what it states, else that of its address, else IPv4. */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families;
  return ipFamily(spec.clusterIP ?? '') === 6 ? ['IPv6'] : ['IPv4'];
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    return [{ name: port.name ?? '', protocol: port.protocol, port: number, appProtocol: port.appProtocol }];
  });
}

function endpointOf(
  service: Service,
  pod: Pod,
  {
    addresses,
    zoneOf,
  }: { readonly addresses: readonly string[]; readonly zoneOf: (node: string) => string | undefined },
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const { nodeName } = pod.spec;
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: addresses.slice(0, 1),
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    hostname: hostnameOf(pod, service),
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName,
    zone: nodeName === undefined ? undefined : zoneOf(nodeName),
  };
}
