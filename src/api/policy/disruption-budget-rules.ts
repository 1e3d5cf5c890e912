/** What disruption budgets say of the eviction of a pod. Pure. Source: kubernetes' pods/eviction. */
import { StatusError } from '../../base/errors.ts';
import type { Condition } from '../../machinery/meta.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import type { Pod } from '../core/pod.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from './pod-disruption-budget.ts';

/** So many evictions that the controller has not confirmed make a budget refuse more. */
const mostUnconfirmed = 2000;
/** How long clients wait for the controller to see a new budget. */
const patience = 10;

const refused = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Whether a pod may go without asking its budget: it does not run, or is going already. */
export function needsNoBudget({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '');
}

/** The budget that covers a pod. Throws StatusError when there are several, which nobody could satisfy. */
export function budgetOf(pod: Pod, budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget | undefined {
  const covering = budgets.filter(({ spec }) => labelSelectorMatcher(spec.selector)(pod.metadata.labels));
  if (covering.length <= 1) return covering[0];
  throw new StatusError(
    'InternalError',
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  );
}

/** Whether a pod that is not ready may go without being counted: it is not among the healthy ones. */
export function isUncounted(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  const isReady = (pod.status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
  if (isReady) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy;
}

/** The budget's status once one more pod goes. Throws StatusError TooManyRequests when none may. */
export function statusAfterEviction(
  { metadata, status }: PodDisruptionBudget,
  podName: string,
  now: string,
): PodDisruptionBudgetStatus {
  const { name, generation = 0 } = metadata;
  if ((status.observedGeneration ?? 0) < generation) {
    throw tooManyRequests(`The disruption budget ${name} is still being processed by the server.`, patience);
  }
  if (status.disruptionsAllowed < 0) throw forbidden(name, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > mostUnconfirmed) {
    throw forbidden(name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (status.disruptionsAllowed === 0) {
    const { desiredHealthy, currentHealthy } = status;
    throw tooManyRequests(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  return {
    ...status,
    disruptionsAllowed,
    // The controller does not count the pod any longer, although it still runs.
    disruptedPods: { ...status.disruptedPods, [podName]: now },
    ...(disruptionsAllowed === 0 ? { conditions: exhausted(status, generation, now) } : {}),
  };
}

/** What is said when the pod changed while its budget was asked. */
export function changedMeanwhile(budget: string): StatusError {
  return tooManyRequests(`The disruption budget ${budget} is still being processed by the server.`, patience);
}

function exhausted({ conditions = [] }: PodDisruptionBudgetStatus, generation: number, now: string): Condition[] {
  const type = 'DisruptionAllowed';
  const before = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = before?.status === 'False' ? before.lastTransitionTime : now;
  const condition: Condition = {
    type,
    status: 'False',
    observedGeneration: generation,
    lastTransitionTime,
    reason: 'InsufficientPods',
    message: '',
  };
  return [...conditions.filter((other) => other.type !== type), condition];
}

function tooManyRequests(message: string, retryAfterSeconds?: number): StatusError {
  return new StatusError('TooManyRequests', refused, {
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  });
}

function forbidden(name: string, detail: string): StatusError {
  return new StatusError('Forbidden', `poddisruptionbudget.policy ${JSON.stringify(name)} is forbidden: ${detail}`, {
    details: { name, group: 'policy', kind: 'poddisruptionbudget' },
  });
}
