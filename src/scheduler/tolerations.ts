import type { Taint } from '../api/core/node.ts';
import type { Toleration } from '../api/core/pod-spec.ts';

/** Whether one of the tolerations covers the taint. Source: core/v1 Toleration. */
export function toleratesTaint(
  tolerations: readonly Toleration[] | undefined,
  taint: Pick<Taint, 'key' | 'effect' | 'value'>,
): boolean {
  return (tolerations ?? []).some((toleration) => covers(toleration, taint));
}

function covers(toleration: Toleration, taint: Pick<Taint, 'key' | 'effect' | 'value'>): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}
