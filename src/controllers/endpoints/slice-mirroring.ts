import type { Endpoint } from '../../api/discovery/endpoint-slice.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { Endpoints } from '../../api/core/endpoints.ts';
import type { EndpointAddress, EndpointSubset } from '../../api/core/endpoints.ts';
import { Service } from '../../api/core/service.ts';
import { defineController, done, watched } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { groupKey } from './desired-endpoints.ts';
import type { AddressType, EndpointGroup } from './desired-endpoints.ts';
import {
  deleteSlice,
  managedByLabel,
  managedSlices,
  serviceNameLabel,
  serviceOfSlice,
  slicesByService,
  writeSlices,
} from './slice-writer.ts';

const managedBy = 'endpointslicemirroring-controller.k8s.io';
const skipMirror = 'endpointslice.kubernetes.io/skip-mirror';
const endpointsManagedBy = 'endpoints.kubernetes.io/managed-by';
/** Addresses of a subset that are mirrored at most. Source: --mirroring-max-endpoints-per-subset. */
const maxPerSubset = 1000;

/** Mirrors Endpoints that somebody made by hand, for a Service without selector, into slices: proxies read only those. */
export const endpointSliceMirroring = defineController({
  name: 'endpointslicemirroring-controller',
  for: Endpoints,
  rbac: {
    endpoints: ['get', 'list', 'watch'],
    'endpoints/finalizers': ['update'],
    services: ['get', 'list', 'watch'],
    'endpointslices.discovery.k8s.io': ['create', 'delete', 'get', 'list', 'update', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  watches: [
    watched(Service, (service) => [keyOf(service)]),
    watched(EndpointSlice, (slice) => serviceOfSlice(slice, managedBy)),
  ],
  indexes: [slicesByService],
  async reconcile(key, context) {
    const { cache } = context;
    const [endpoints, service] = [cache.get(Endpoints, key), cache.get(Service, key)];
    const existing = managedSlices(cache, key, managedBy);
    if (!endpoints || !service || !isMirrored(endpoints, service)) {
      for (const slice of existing) await deleteSlice(slice, context);
      return done;
    }
    const labels = { ...endpoints.metadata.labels, [serviceNameLabel]: key.name, [managedByLabel]: managedBy };
    await writeSlices({ owner: endpoints, labels, groups: mirroredGroups(endpoints.subsets ?? []) }, existing, context);
    return done;
  },
});

/** Whether Endpoints are nobody's but their maker's. */
function isMirrored({ metadata }: Endpoints, { spec }: Service): boolean {
  if (metadata.deletionTimestamp !== undefined || metadata.labels?.[skipMirror] === 'true') return false;
  if (metadata.labels?.[endpointsManagedBy] !== undefined) return false;
  if (metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined) return false;
  return Object.keys(spec.selector ?? {}).length === 0;
}

/** The endpoints of subsets, those with the same family and ports together. */
export function mirroredGroups(subsets: readonly EndpointSubset[]): readonly EndpointGroup[] {
  const groups = new Map<string, EndpointGroup & { readonly endpoints: Endpoint[] }>();
  for (const subset of subsets) {
    const ports = (subset.ports ?? []).map(({ name, port, protocol, appProtocol }) => ({
      name: name ?? '',
      port,
      protocol: protocol ?? ('TCP' as const),
      appProtocol,
    }));
    const addresses = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ];
    for (const { address, ready } of addresses.slice(0, maxPerSubset)) {
      const addressType: AddressType = ipFamily(address.ip) === 6 ? 'IPv6' : 'IPv4';
      const key = groupKey({ addressType, ports });
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(address, ready));
    }
  }
  return [...groups.values()];
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return { addresses: [ip], conditions: { ready }, hostname, nodeName, targetRef };
}
