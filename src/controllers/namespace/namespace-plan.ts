import { timestamp } from '../../base/clock.ts';
import type { Namespace, NamespaceCondition } from '../../api/core/namespace.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

/** What is left of one kind in a namespace that is being deleted. */
export interface Remaining {
  readonly resource: Resource;
  readonly objects: readonly ApiObject[];
}

/** A kind that could not be emptied, and why. */
export interface DeletionFailure {
  readonly resource: Resource;
  readonly message: string;
}

/** Conditions of a namespace that is being deleted; messages are upstream's. Source: deletion/status_condition_utils.go. */
export function deletionConditions(
  namespace: Namespace,
  state: {
    readonly remaining: readonly Remaining[];
    readonly failures: readonly DeletionFailure[];
    readonly now: number;
  },
): readonly NamespaceCondition[] {
  const { remaining, failures, now } = state;
  const left = remaining.filter(({ objects }) => objects.length > 0);
  const finalizers = finalizerCounts(left);
  const raised: Omit<NamespaceCondition, 'lastTransitionTime'>[] = [
    settled('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    settled(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length === 0
      ? settled('NamespaceDeletionContentFailure', 'ContentDeleted', contentDeleted(left.length > 0))
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${failures.length} remaining: ${failures
            .map((f) => f.message)
            .sort()
            .join(', ')}`,
        },
    left.length === 0
      ? settled('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${left.map(remainingText).sort().join(', ')}`,
        },
    finalizers.length === 0
      ? settled('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${finalizers.sort().join(', ')}`,
        },
  ];
  const known = namespace.status.conditions ?? [];
  const types = new Set(raised.map(({ type }) => type));
  return [
    ...known.filter(({ type }) => !types.has(type)),
    ...raised.map((condition) => stamped(condition, known, now)),
  ];
}

function settled(type: string, reason: string, message: string): Omit<NamespaceCondition, 'lastTransitionTime'> {
  return { type, status: 'False', reason, message };
}

function contentDeleted(waiting: boolean): string {
  const text = 'All content successfully deleted';
  return waiting ? `${text}, may be waiting on finalization` : text;
}

function remainingText({ resource, objects }: Remaining): string {
  return `${qualifiedName(resource)} has ${objects.length} resource instances`;
}

/** Upstream prints `pods.` for the core group. */
function qualifiedName({ plural, group }: Resource): string {
  return `${plural}.${group}`;
}

function finalizerCounts(left: readonly Remaining[]): string[] {
  const counts = new Map<string, number>();
  for (const { objects } of left) {
    for (const finalizer of objects.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    }
  }
  return [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
}

function stamped(
  condition: Omit<NamespaceCondition, 'lastTransitionTime'>,
  known: readonly NamespaceCondition[],
  now: number,
): NamespaceCondition {
  const before = known.find(({ type }) => type === condition.type);
  const time = before?.status === condition.status ? before.lastTransitionTime : timestamp(now);
  const stampedCondition = { ...condition, lastTransitionTime: time };
  return before && equalJson(before, stampedCondition) ? before : stampedCondition;
}

/**
 * Milliseconds after which it is worth looking again: half of the longest grace period that a remaining pod still
 * has, at least a second. Source: namespaced_resources_deleter.go. Upstream waits for up to 15 s; here at most 2, since
 * most pods end long before their grace period, and an emptied namespace should go at once.
 */
export function lookAgainAfter(remaining: readonly Remaining[]): number {
  const grace = remaining
    .filter(({ resource }) => resource.kind === 'Pod' && resource.group === '')
    .flatMap(({ objects }) => objects.map(({ metadata }) => metadata.deletionGracePeriodSeconds ?? 0));
  return Math.min(2_000, Math.max(1000, (Math.max(0, ...grace) / 2) * 1000));
}
