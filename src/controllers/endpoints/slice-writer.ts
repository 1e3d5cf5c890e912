import { hasReason, messageOf } from '../../base/errors.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { defineIndex } from '../../client/controller.ts';
import type { Cache, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { ApiObject, ObjectKey } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { controllerReference } from '../ownership.ts';
import type { EndpointGroup } from './desired-endpoints.ts';
import { planSlices } from './slice-plan.ts';

/** Label that names the service of a slice. */
export const serviceNameLabel = 'kubernetes.io/service-name';
/** Label that names the controller of a slice; others leave it alone. */
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** Files slices under `namespace/service`. */
export const slicesByService = defineIndex(EndpointSlice, 'service', ({ metadata }) => [
  `${metadata.namespace}/${metadata.labels?.[serviceNameLabel] ?? ''}`,
]);

/** The slices of a service that one controller manages and that are there to stay. */
export function managedSlices(cache: Cache, service: ObjectKey, managedBy: string): readonly EndpointSlice[] {
  return cache
    .byIndex(EndpointSlice, slicesByService.name, `${service.namespace}/${service.name}`)
    .filter(
      ({ metadata }) => metadata.labels?.[managedByLabel] === managedBy && metadata.deletionTimestamp === undefined,
    );
}

/** The service of a slice, if `managedBy` manages it. */
export function serviceOfSlice({ metadata }: EndpointSlice, managedBy: string): readonly ObjectKey[] {
  const name = metadata.labels?.[serviceNameLabel];
  if (name === undefined || metadata.labels?.[managedByLabel] !== managedBy) return [];
  return [{ namespace: metadata.namespace, name }];
}

/** What slices are made of. */
export interface SliceSource {
  /** Owns the slices and lends them its name. */
  readonly owner: ApiObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly groups: readonly EndpointGroup[];
}

/** Brings slices in line with their source, writing as few as possible. */
export async function writeSlices(
  source: SliceSource,
  existing: readonly EndpointSlice[],
  context: ControllerContext,
): Promise<void> {
  const { client, signal } = context;
  const { labels } = source;
  const plan = planSlices(source.groups, existing);
  for (const group of plan.create) await createSlice(source, group, context);
  const updated = new Map(plan.update.map((update) => [update.slice, update.endpoints]));
  const doomed = new Set(plan.delete);
  for (const slice of existing) {
    if (doomed.has(slice) || (!updated.has(slice) && equalJson(labels, slice.metadata.labels))) continue;
    const endpoints = updated.get(slice) ?? slice.endpoints;
    await client.update(EndpointSlice, { ...slice, metadata: { ...slice.metadata, labels }, endpoints }, { signal });
  }
  for (const slice of plan.delete) await deleteSlice(slice, context);
}

/** Deletes a slice, if it is still there. */
export async function deleteSlice(slice: EndpointSlice, { client, signal }: ControllerContext): Promise<void> {
  try {
    await client.delete(EndpointSlice, keyOf(slice), { preconditions: { uid: slice.metadata.uid }, signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}

async function createSlice(
  { owner, labels }: SliceSource,
  group: EndpointGroup,
  { client, signal, events }: ControllerContext,
): Promise<void> {
  const { name, namespace } = owner.metadata;
  const metadata = { generateName: `${name}-`, namespace, labels, ownerReferences: [controllerReference(owner)] };
  try {
    await client.create(EndpointSlice, { metadata, ...group }, { signal });
  } catch (error) {
    const causes = hasReason(error, 'Forbidden') ? (error.details?.causes ?? []) : [];
    if (causes.some(({ reason }) => reason === 'NamespaceTerminating')) return;
    const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${messageOf(error)}`;
    events.record(owner, { type: 'Warning', reason: 'FailedToUpdateEndpointSlices', message });
    throw error;
  }
}
