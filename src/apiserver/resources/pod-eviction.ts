/** `pods/eviction`: deletes a pod the polite way, if its disruption budget allows. Source: kubernetes' registry/core/pod/storage. */
import { timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Pod } from '../../api/core/pod.ts';
import type { PodCondition } from '../../api/core/pod.ts';
import {
  budgetOf,
  changedMeanwhile,
  isUncounted,
  needsNoBudget,
  statusAfterEviction,
} from '../../api/policy/disruption-budget-rules.ts';
import { Eviction } from '../../api/policy/eviction.ts';
import { PodDisruptionBudget } from '../../api/policy/pod-disruption-budget.ts';
import type { DeleteOptions } from '../../machinery/meta.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import { everything } from '../cache/selection.ts';
import type { RequestAttributes, VirtualSubresource } from '../ports.ts';
import { badRequest } from './api-errors.ts';
import { deleteObject } from './delete-object.ts';
import { currentObject } from './handler-context.ts';
import type { HandlerContext, WriteRequest } from './handler-context.ts';
import { copyOf } from './subresource-rules.ts';
import { successStatus } from './success-status.ts';
import { updateObject } from './update-object.ts';

/** Makes the subresource. `unasked`: does to pods, without admission, what it was asked about as an eviction. */
export function podEviction(context: HandlerContext, unasked: HandlerContext): VirtualSubresource {
  return {
    parent: Pod,
    subresource: 'eviction',
    resource: Eviction,
    async create(body, { attributes, dryRun }) {
      const { deleteOptions = {}, metadata } = body as Eviction;
      if (metadata.name !== attributes.name) throw badRequest('name in URL does not match name in Eviction object');
      const isDry = dryRun || (deleteOptions.dryRun?.includes('All') ?? false);
      await evict(context, unasked, { attributes, dryRun: isDry, deleteOptions });
      return successStatus(201);
    },
  };
}

interface EvictionRequest {
  readonly attributes: RequestAttributes;
  readonly dryRun: boolean;
  readonly deleteOptions: DeleteOptions;
}

async function evict(context: HandlerContext, unasked: HandlerContext, request: EvictionRequest): Promise<void> {
  const { attributes, deleteOptions } = request;
  const { name, namespace } = attributes;
  const { object } = await currentObject(context, Pod, { namespace, name });
  const pod = object as Pod;
  const budget = needsNoBudget(pod) ? undefined : budgetOf(pod, budgetsIn(context, namespace));
  if (!budget) return deletePod(unasked, request, deleteOptions);
  if (!isUncounted(pod, budget)) {
    await takeFromBudget(context, request, budget.metadata.name);
    return deletePod(unasked, request, deleteOptions);
  }
  // The pod may have become ready, and so be counted, since.
  const preconditions = { resourceVersion: pod.metadata.resourceVersion, ...deleteOptions.preconditions };
  try {
    return await deletePod(unasked, request, { ...deleteOptions, preconditions });
  } catch (error) {
    const isOwn = deleteOptions.preconditions?.resourceVersion === undefined;
    if (isOwn && hasReason(error, 'Conflict')) throw changedMeanwhile(budget.metadata.name);
    throw error;
  }
}

function budgetsIn(context: HandlerContext, namespace: string): PodDisruptionBudget[] {
  const found = [...context.caches.of(PodDisruptionBudget).select({ ...everything, namespace })];
  return found.map(({ object: { object } }) => object as PodDisruptionBudget);
}

async function takeFromBudget(context: HandlerContext, request: EvictionRequest, name: string): Promise<void> {
  await updateObject(context, internalWrite(PodDisruptionBudget, request, name), (current) => {
    const draft = copyOf(current);
    const now = timestamp(context.clock.now());
    draft['status'] = statusAfterEviction(current.object as PodDisruptionBudget, request.attributes.name, now);
    return { draft, versioned: false };
  });
}

async function deletePod(context: HandlerContext, request: EvictionRequest, options: DeleteOptions): Promise<void> {
  const { attributes, dryRun } = request;
  const isVersioned = options.preconditions?.resourceVersion !== undefined;
  // Saying why changes the version that the precondition names.
  if (!dryRun && !isVersioned) await sayWhy(context, request);
  const write = { resource: Pod, attributes, dryRun, fieldValidation: 'Ignore' as const, warnings: [] };
  await deleteObject(context, write, options);
}

/** Leaves a condition on the pod: others can tell a disruption from a failure. */
async function sayWhy(context: HandlerContext, request: EvictionRequest): Promise<void> {
  await updateObject(context, internalWrite(Pod, request, request.attributes.name), (current) => {
    const draft = copyOf(current) as unknown as Writable<Pod>;
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastTransitionTime: timestamp(context.clock.now()),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    const others = (draft.status.conditions ?? []).filter(({ type }) => type !== condition.type);
    draft.status.conditions = [...others, condition];
    return { draft, versioned: false };
  });
}

/** A write of a status by the server itself, for whoever evicts. */
function internalWrite(resource: Resource, { attributes, dryRun }: EvictionRequest, name: string): WriteRequest {
  const { group, version, plural } = resource;
  return {
    resource,
    attributes: { ...attributes, group, version, resource: plural, name, subresource: 'status' },
    dryRun,
    fieldValidation: 'Ignore',
    warnings: [],
  };
}
