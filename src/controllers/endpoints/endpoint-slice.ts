import { hasReason } from '../../base/errors.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { Node } from '../../api/core/node.ts';
import { Service } from '../../api/core/service.ts';
import { defineController, defineIndex, done, watched } from '../../client/controller.ts';
import type { Cache, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { controllerReference } from '../ownership.ts';
import { addressTypesOf, desiredEndpoints, groupKey } from './desired-endpoints.ts';
import type { EndpointGroup } from './desired-endpoints.ts';
import { isHeadless, isManaged, podsOf, podsOfServices } from './service-pods.ts';
import { planSlices } from './slice-plan.ts';

/** Label that names the service of a slice. */
export const serviceNameLabel = 'kubernetes.io/service-name';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const managedBy = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const zoneLabel = 'topology.kubernetes.io/zone';

/** Files slices under `namespace/service`. */
export const slicesByService = defineIndex(EndpointSlice, 'service', ({ metadata }) => [
  `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ''}`,
]);

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
    watched(EndpointSlice, ({ metadata }) => {
      const name = metadata.labels?.[serviceNameLabel];
      return name === undefined || metadata.labels?.[managedByLabel] !== managedBy
        ? []
        : [{ namespace: metadata.namespace, name }];
    }),
    watched(Node, () => []),
  ],
  indexes: [slicesByService],
  async reconcile(key, context) {
    const { cache } = context;
    const service = cache.get(Service, key);
    // Slices of a deleted service go with it: it is their owner.
    if (!service || service.metadata.deletionTimestamp !== undefined || !isManaged(service)) return done;
    const existing = cache
      .byIndex(EndpointSlice, slicesByService.name, `${key.namespace}/${key.name}`)
      .filter(
        (slice) =>
          slice.metadata.labels?.[managedByLabel] === managedBy && slice.metadata.deletionTimestamp === undefined,
      );
    await applySlices(service, existing, context);
    return done;
  },
});

async function applySlices(
  service: Service,
  existing: readonly EndpointSlice[],
  context: ControllerContext,
): Promise<void> {
  const { cache, client, signal } = context;
  const plan = planSlices(withPlaceholders(service, desired(service, cache)), existing);
  const labels = labelsOf(service);
  for (const group of plan.create) await createSlice(service, group, context);
  const updated = new Map(plan.update.map((update) => [update.slice, update.endpoints]));
  const doomed = new Set(plan.delete);
  for (const slice of existing) {
    if (doomed.has(slice) || (!updated.has(slice) && equalJson(labels, slice.metadata.labels))) continue;
    const endpoints = updated.get(slice) ?? slice.endpoints;
    await client.update(EndpointSlice, { ...slice, metadata: { ...slice.metadata, labels }, endpoints }, { signal });
  }
  for (const slice of plan.delete) {
    await client
      .delete(EndpointSlice, keyOf(slice), { preconditions: { uid: slice.metadata.uid }, signal })
      .catch(ignoreMissing);
  }
}

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

async function createSlice(
  service: Service,
  group: EndpointGroup,
  { client, signal, events }: ControllerContext,
): Promise<void> {
  const { name, namespace } = service.metadata;
  const metadata = {
    generateName: `${name}-`,
    namespace,
    labels: labelsOf(service),
    ownerReferences: [controllerReference(service)],
  };
  try {
    await client.create(EndpointSlice, { metadata, ...group }, { signal });
  } catch (error) {
    if (hasReason(error, 'Forbidden') && error.details?.causes?.some((c) => c.reason === 'NamespaceTerminating'))
      return;
    const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${String(error)}`;
    events.record(service, { type: 'Warning', reason: 'FailedToUpdateEndpointSlices', message });
    throw error;
  }
}

function labelsOf(service: Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}

function ignoreMissing(error: unknown): void {
  if (!hasReason(error, 'NotFound')) throw error;
}
