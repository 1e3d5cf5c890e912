import type { PodCondition, PodStatus } from '../../api/core/pod.ts';
import type { Json } from '../../base/json.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

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
    if (equalJson(from[field], to[field])) continue;
    const value = (to[field] ?? null) as Json;
    const replaced =
      mergedLists.has(field) && Array.isArray(value) && (from[field] as readonly unknown[] | undefined)?.length;
    status[field] = replaced ? [...(value as readonly Json[]), { $patch: 'replace' }] : value;
  }
  const conditions = (to.conditions ?? []).flatMap((condition) => {
    const former = from.conditions?.find(({ type }) => type === condition.type);
    return equalJson(former, condition) ? [] : [{ ...removals(former, condition), ...condition }];
  });
  if (conditions.length > 0) status['conditions'] = conditions;
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** Merging keeps what an element of a list no longer has unless it is told to remove it. */
function removals(former: PodCondition | undefined, condition: PodCondition): Readonly<Record<string, null>> {
  const present = new Set(Object.keys(condition));
  return Object.fromEntries(Object.keys(former ?? {}).flatMap((key) => (present.has(key) ? [] : [[key, null]])));
}
