import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { EndpointGroup } from './desired-endpoints.ts';
import { groupKey } from './desired-endpoints.ts';

/** Endpoints per slice at most. Source: --max-endpoints-per-slice. */
export const maxEndpoints = 100;

/** A slice to be made. */
export interface NewSlice extends EndpointGroup {
  readonly slice?: undefined;
}

/** What to do with a service's slices. */
export interface SlicePlan {
  readonly create: readonly EndpointGroup[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: readonly Endpoint[] }[];
  readonly delete: readonly EndpointSlice[];
}

/**
 * Fits the wanted endpoints into slices and rewrites as few as it can: endpoints stay where they are, new ones go
 * first into slices that change anyway, then into the fullest that has room, then into new slices. Every proxy hears
 * of every rewritten slice. Source: endpointslice reconcileByPortMapping.
 */
export function planSlices(groups: readonly EndpointGroup[], existing: readonly EndpointSlice[]): SlicePlan {
  const plan = {
    create: [] as EndpointGroup[],
    update: [] as { slice: EndpointSlice; endpoints: readonly Endpoint[] }[],
    delete: [] as EndpointSlice[],
  };
  const byGroup = Map.groupBy(existing, groupKey);
  const wanted = new Set(groups.map(groupKey));
  for (const group of groups) planGroup(group, byGroup.get(groupKey(group)) ?? [], plan);
  for (const [key, slices] of byGroup) if (!wanted.has(key)) plan.delete.push(...slices);
  return plan;
}

interface Draft {
  readonly slice: EndpointSlice;
  readonly endpoints: Endpoint[];
  changed: boolean;
}

function planGroup(
  group: EndpointGroup,
  slices: readonly EndpointSlice[],
  plan: {
    create: EndpointGroup[];
    update: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[];
    delete: EndpointSlice[];
  },
): void {
  const remaining = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const drafts = slices.map((slice) => keepKnown(slice, remaining));
  const added = [...remaining.values()];
  const fill = (draft: Draft): void => {
    const moved = added.splice(0, maxEndpoints - draft.endpoints.length);
    draft.endpoints.push(...moved);
    if (moved.length > 0) draft.changed = true;
  };
  for (const draft of drafts) if (draft.changed) fill(draft);
  for (const draft of drafts.toSorted((a, b) => b.endpoints.length - a.endpoints.length)) fill(draft);
  while (added.length > 0) plan.create.push({ ...group, endpoints: added.splice(0, maxEndpoints) });
  // A group without endpoints keeps one slice, which says that there are none.
  const keepEmpty = group.endpoints.length === 0 ? drafts[0] : undefined;
  if (group.endpoints.length === 0 && drafts.length === 0) plan.create.push(group);
  for (const draft of drafts) {
    if (draft.endpoints.length === 0 && draft !== keepEmpty) plan.delete.push(draft.slice);
    else if (draft.changed) plan.update.push({ slice: draft.slice, endpoints: draft.endpoints });
  }
}

function keepKnown(slice: EndpointSlice, remaining: Map<string, Endpoint>): Draft {
  const draft: Draft = { slice, endpoints: [], changed: false };
  for (const endpoint of slice.endpoints ?? []) {
    const wanted = remaining.get(identityOf(endpoint));
    if (!wanted) {
      draft.changed = true;
      continue;
    }
    remaining.delete(identityOf(endpoint));
    draft.endpoints.push(wanted);
    if (!equalJson(wanted, { ...endpoint, hints: undefined })) draft.changed = true;
  }
  return draft;
}

function identityOf(endpoint: Endpoint): string {
  return endpoint.targetRef?.uid ?? endpoint.addresses.join(',');
}
