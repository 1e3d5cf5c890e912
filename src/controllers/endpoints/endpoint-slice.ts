import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { Node } from '../../api/core/node.ts';
import { Service } from '../../api/core/service.ts';
import { defineController, done, watched } from '../../client/controller.ts';
import type { Cache } from '../../client/controller.ts';
import { addressTypesOf, desiredEndpoints, groupKey } from './desired-endpoints.ts';
import type { EndpointGroup } from './desired-endpoints.ts';
import { isHeadless, isManaged, podsOf, podsOfServices } from './service-pods.ts';
import {
  managedByLabel,
  managedSlices,
  serviceNameLabel,
  serviceOfSlice,
  slicesByService,
  writeSlices,
} from './slice-writer.ts';

const managedBy = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const zoneLabel = 'topology.kubernetes.io/zone';

/** Keeps the EndpointSlices of every Service with a selector equal to its pods. */
export const endpointSliceController = defineController({
  name: 'endpointslice-controller',
  for: Service,
  rbac: {
    services: ['get', 'list', 'watch'],
    'services/finalizers': ['update'],
    pods: ['get', 'list', 'watch'],
    nodes: ['get', 'list', 'watch'],
    'endpointslices.discovery.k8s.io': ['create', 'delete', 'get', 'list', 'update', 'watch'],
    events: ['create', 'patch', 'update'],
  },
  watches: [
    podsOfServices,
    watched(EndpointSlice, (slice) => serviceOfSlice(slice, managedBy)),
    watched(Node, () => []),
  ],
  indexes: [slicesByService],
  async reconcile(key, context) {
    const { cache } = context;
    const service = cache.get(Service, key);
    // Slices of a deleted service go with it: it is their owner.
    if (!service || service.metadata.deletionTimestamp !== undefined || !isManaged(service)) return done;
    const groups = withPlaceholders(service, desired(service, cache));
    await writeSlices(
      { owner: service, labels: labelsOf(service), groups },
      managedSlices(cache, key, managedBy),
      context,
    );
    return done;
  },
});

function desired(service: Service, cache: Cache): readonly EndpointGroup[] {
  const zoneOf = (node: string): string | undefined => cache.get(Node, { name: node })?.metadata.labels?.[zoneLabel];
  return desiredEndpoints(service, podsOf(service, cache), zoneOf);
}

/** A family without any endpoint still gets one empty slice. */
function withPlaceholders(service: Service, groups: readonly EndpointGroup[]): readonly EndpointGroup[] {
  const missing = addressTypesOf(service).filter((type) => !groups.some(({ addressType }) => addressType === type));
  return [...groups, ...missing.map((addressType) => ({ addressType, ports: [], endpoints: [] }))].toSorted((a, b) =>
    groupKey(a) < groupKey(b) ? -1 : 1,
  );
}

function labelsOf(service: Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}
