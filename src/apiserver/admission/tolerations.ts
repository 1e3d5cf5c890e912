/** What tolerations cover each other. Source: kubernetes' pkg/util/tolerations. */
import type { Toleration } from '../../api/core/pod-spec.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

/** All tolerations but for those that another one covers. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, one] of all.entries()) {
    const later = all.slice(index + 1);
    // Of equal ones the first is kept.
    const isCovered =
      merged.some((other) => covers(other, one)) || later.some((other) => !equalJson(other, one) && covers(other, one));
    if (!isCovered) merged.push(one);
  }
  return merged;
}

/** Whether each toleration is covered by one of those that are allowed. */
export function withinTolerations(tolerations: readonly Toleration[], allowed: readonly Toleration[]): boolean {
  return tolerations.every((one) => allowed.some((other) => covers(other, one)));
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (equalJson(wide, narrow)) return true;
  const isForAllKeys = !wide.key && wide.operator === 'Exists';
  if (!isForAllKeys && (wide.key ?? '') !== (narrow.key ?? '')) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  if (wide.effect === 'NoExecute' && !lastsAsLong(wide, narrow)) return false;
  if (wide.operator === 'Exists') return true;
  return isEqual(wide) && isEqual(narrow) && (wide.value ?? '') === (narrow.value ?? '');
}

function lastsAsLong({ tolerationSeconds: wide }: Toleration, { tolerationSeconds: narrow }: Toleration): boolean {
  return wide === undefined || (narrow !== undefined && narrow <= wide);
}

function isEqual({ operator }: Toleration): boolean {
  return !operator || operator === 'Equal';
}
