import type { ContainerStatus, Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../pod/pod-facts.ts';

/** A pod's phase. */
export type PodPhase = NonNullable<Pod['status']['phase']>;

/** Statuses of a pod's containers. */
export interface ContainerStatusLists {
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
}

/** The phase that follows from the container statuses. `terminal`: nothing will be started any more. */
export function podPhase(pod: Pod, statuses: ContainerStatusLists, terminal: boolean): PodPhase {
  const init = initState(pod, statuses);
  if (init === 'failed' && (pod.spec.restartPolicy === 'Never' || terminal)) return 'Failed';
  const counts = countStates(statuses.regular);
  if (init !== 'done' && !terminal) return 'Pending';
  if (counts.waiting > 0)
    return terminal && counts.ended > 0 ? 'Failed' : terminal && init === 'done' ? 'Failed' : 'Pending';
  if (counts.running > 0) return 'Running';
  if (counts.ended === 0) return 'Pending';
  const { restartPolicy } = pod.spec;
  const clean = counts.ended === counts.succeeded;
  if (terminal) return clean && init === 'done' ? 'Succeeded' : 'Failed';
  if (restartPolicy === 'Always') return 'Running';
  if (clean) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}

/** Whether all init containers are through, and sidecars started. */
export function initState(pod: Pod, { init, regular }: ContainerStatusLists): 'done' | 'pending' | 'failed' {
  const begun = regular.some(({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated);
  for (const container of pod.spec.initContainers ?? []) {
    const status = init.find(({ name }) => name === container.name);
    const ended = status?.state.terminated ?? status?.lastState.terminated;
    if (isSidecar(container)) {
      if (!begun && !status?.started) return 'pending';
      continue;
    }
    if (begun) continue;
    if (ended && ended.exitCode !== 0) return 'failed';
    if (!status?.state.terminated) return 'pending';
  }
  return 'done';
}

function countStates(
  statuses: readonly ContainerStatus[],
): Record<'waiting' | 'running' | 'ended' | 'succeeded', number> {
  const counts = { waiting: 0, running: 0, ended: 0, succeeded: 0 };
  for (const { state, lastState } of statuses) {
    // A container in back-off waits to be started again, and counts as one that ended.
    const ended = state.terminated ?? (state.waiting ? lastState.terminated : undefined);
    if (state.running) counts.running++;
    else if (ended) {
      counts.ended++;
      if (ended.exitCode === 0) counts.succeeded++;
    } else counts.waiting++;
  }
  return counts;
}
