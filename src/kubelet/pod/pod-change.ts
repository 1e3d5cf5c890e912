import type { Pod } from '../../api/core/pod.ts';
import { ownedConditions } from '../status/pod-conditions.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

/**
 * What of a new version concerns the pod's worker: its spec or metadata; or only its life cycle, or what others say of
 * it; or nothing, as when the version is the answer to the kubelet's own status.
 */
export function podChange(old: Pod | undefined, pod: Pod): 'spec' | 'other' | 'none' {
  if (!old) return 'spec';
  const { labels, annotations, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
  if (!equalJson(labels, pod.metadata.labels) || !equalJson(annotations, pod.metadata.annotations)) return 'spec';
  if (!equalJson(old.spec, pod.spec)) return 'spec';
  const sameLife =
    deletionTimestamp === pod.metadata.deletionTimestamp &&
    deletionGracePeriodSeconds === pod.metadata.deletionGracePeriodSeconds;
  if (!sameLife || !equalJson(foreignConditions(old), foreignConditions(pod))) return 'other';
  const ended = (phase: Pod['status']['phase']): boolean => phase === 'Failed' || phase === 'Succeeded';
  return ended(pod.status.phase) === ended(old.status.phase) ? 'none' : 'other';
}

function foreignConditions(pod: Pod): unknown {
  const owned: readonly string[] = ownedConditions;
  return (pod.status.conditions ?? [])
    .filter(({ type }) => !owned.includes(type))
    .map(({ type, status }) => ({ type, status }));
}
