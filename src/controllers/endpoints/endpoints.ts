import { hasReason } from '../../base/errors.ts';
import { Endpoints } from '../../api/core/endpoints.ts';
import { Service } from '../../api/core/service.ts';
import { defineController, done, watched } from '../../client/controller.ts';
import type { ControllerContext, Outcome } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { desiredSubsets, withinCapacity } from './endpoints-plan.ts';
import { isHeadless, isManaged, podsOf, podsOfServices } from './service-pods.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const managedBy = 'endpoint-controller';
const headlessLabel = 'service.kubernetes.io/headless';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';

/** Keeps the legacy Endpoints object of every Service with a selector equal to its pods. */
export const endpointsController = defineController({
  name: 'endpoint-controller',
  for: Service,
  rbac: {
    services: ['get', 'list', 'watch'],
    pods: ['get', 'list', 'watch'],
    endpoints: ['create', 'delete', 'get', 'list', 'update', 'watch'],
    'endpoints/restricted': ['create'],
    events: ['create', 'patch', 'update'],
  },
  watches: [podsOfServices, watched(Endpoints, (endpoints) => (isOurs(endpoints) ? [keyOf(endpoints)] : []))],
  async reconcile(key, context) {
    const service = context.cache.get(Service, key);
    const current = context.cache.get(Endpoints, key);
    if (!service || service.metadata.deletionTimestamp !== undefined) return remove(current, context);
    if (!isManaged(service)) return done;
    await write(service, current, context);
    return done;
  },
});

function isOurs({ metadata }: Endpoints): boolean {
  return metadata.labels?.[managedByLabel] === managedBy;
}

/** Endpoints that somebody made by hand outlive their service's selector, but not the service. */
async function remove(current: Endpoints | undefined, { client, signal }: ControllerContext): Promise<Outcome> {
  if (!current || !isOurs(current)) return done;
  try {
    await client.delete(Endpoints, keyOf(current), { preconditions: { uid: current.metadata.uid }, signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
  return done;
}

async function write(service: Service, current: Endpoints | undefined, context: ControllerContext): Promise<void> {
  const { client, events, signal, cache } = context;
  const { subsets, truncated } = withinCapacity(desiredSubsets(service, podsOf(service, cache)));
  const labels = {
    ...service.metadata.labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: managedBy,
  };
  const { [overCapacity]: _, ...others } = current?.metadata.annotations ?? {};
  const annotations = truncated ? { ...others, [overCapacity]: 'truncated' } : others;
  if (current && isSame(current, { labels, annotations, subsets })) return;
  const key: ObjectKey = keyOf(service);
  try {
    if (current) {
      await client.update(
        Endpoints,
        { ...current, metadata: { ...current.metadata, labels, annotations }, subsets },
        { signal },
      );
    } else {
      await client.create(Endpoints, { metadata: { ...key, labels, annotations }, subsets }, { signal });
    }
  } catch (error) {
    if (hasReason(error, 'Forbidden') && error.details?.causes?.some((c) => c.reason === 'NamespaceTerminating'))
      return;
    const verb = current ? 'update' : 'create';
    const message = `Failed to ${verb} endpoint ${key.namespace}/${key.name}: ${String(error)}`;
    const reason = current ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint';
    if (!hasReason(error, 'Conflict')) events.record(service, { type: 'Warning', reason, message });
    throw error;
  }
}

function isSame(current: Endpoints, wanted: { labels: unknown; annotations: unknown; subsets: unknown }): boolean {
  return (
    equalJson(current.metadata.labels ?? {}, wanted.labels) &&
    equalJson(current.metadata.annotations ?? {}, wanted.annotations) &&
    equalJson(current.subsets ?? [], wanted.subsets)
  );
}
