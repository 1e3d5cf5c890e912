import type { PodStatus } from '../../api/core/pod.ts';
import type { Json } from '../../base/json.ts';

/** Fields of a pod's status that a kubelet writes, apart from conditions. */
const fields = [
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
  'qosClass',
  'observedGeneration',
] as const satisfies readonly (keyof PodStatus)[];

/** Lists that strategic merge would unite with the old ones unless told to replace them. */
const mergedLists = new Set<string>(['hostIPs', 'podIPs']);

/** The strategic merge patch from what the API has to what it should have; undefined when nothing differs. */
export function statusPatch(uid: string, from: PodStatus, to: PodStatus): Json | undefined {
  const status: Record<string, Json> = {};
  for (const field of fields) {
    if (sameJson(from[field], to[field])) continue;
    const value = (to[field] ?? null) as Json;
    const replaced = mergedLists.has(field) && Array.isArray(value) && (from[field] as readonly unknown[] | undefined)?.length;
    status[field] = replaced ? [...(value as readonly Json[]), { $patch: 'replace' }] : value;
  }
  const conditions = (to.conditions ?? []).filter(
    (condition) => !sameJson(from.conditions?.find(({ type }) => type === condition.type), condition),
  );
  if (conditions.length > 0) status['conditions'] = conditions as unknown as Json;
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** Whether two values are the same JSON, whatever the order of their keys. Absent fields equal undefined ones. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((value, index) => sameJson(value, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameJson(left[key], right[key]));
}
