import type { Pod } from '../../api/core/pod.ts';
import { qosClass } from '../../api/core/qos-class.ts';
import { quantityValue } from '../../machinery/quantity.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';

const guaranteedScore = -997;
const bestEffortScore = 1000;
const criticalPriority = 2_000_000_000;

/** What the score depends on beside the pod. */
export interface OomScoreContext {
  /** Bytes. */
  readonly memoryCapacity: number;
  /** Whether this process may lower scores below zero (CAP_SYS_RESOURCE); without it runc fails on a negative one. */
  readonly mayLower: boolean;
}

/** oom_score_adj of a container: the less it asked for relative to the node, the sooner it is killed. */
export function oomScoreAdj(pod: Pod, container: AnyContainer, context: OomScoreContext): number {
  const score = rawScore(pod, container, context.memoryCapacity);
  return context.mayLower ? score : Math.max(0, score);
}

function rawScore(pod: Pod, container: AnyContainer, capacity: number): number {
  if ((pod.spec.priority ?? 0) >= criticalPriority) return guaranteedScore;
  const qos = qosClass(pod.spec);
  if (qos === 'Guaranteed') return guaranteedScore;
  if (qos === 'BestEffort') return bestEffortScore;
  const { requests = {}, limits = {} } = container.resources;
  const request = quantityValue(requests['memory'] ?? limits['memory'] ?? '0');
  const score = 1000 - Math.floor((1000 * request) / capacity);
  return Math.min(bestEffortScore - 1, Math.max(1000 + guaranteedScore, score));
}
