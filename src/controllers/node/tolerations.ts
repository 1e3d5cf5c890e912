import type { Taint } from '../../api/core/node.ts';
import type { Toleration } from '../../api/core/pod-spec.ts';

/** Whether a toleration covers a taint. Source: corev1helpers Toleration.ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== '' && toleration.key !== taint.key) return false;
  const operator = toleration.operator ?? 'Equal';
  if (operator === 'Exists') return true;
  return operator === 'Equal' && (toleration.value ?? '') === (taint.value ?? '');
}

/**
 * How long a pod stays on a node with these NoExecute taints, in milliseconds: 0 when one is not tolerated, undefined
 * when it may stay for ever.
 */
export function toleratedFor(taints: readonly Taint[], tolerations: readonly Toleration[]): number | undefined {
  const matching = taints.map((taint) => tolerations.filter((toleration) => tolerates(toleration, taint)));
  if (matching.some((used) => used.length === 0)) return 0;
  const limits = matching
    .flat()
    .flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [tolerationSeconds]));
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits)) * 1000;
}
