import { timestamp } from '../../base/clock.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../api/core/pod.ts';
import { isSidecar } from '../pod/pod-facts.ts';
import type { ContainerStatusLists, PodPhase } from './pod-phase.ts';

/** The conditions that a kubelet owns; it leaves all others alone. */
export const ownedConditions = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'DisruptionTarget',
] as const;

/** What conditions are made from. */
export interface ConditionInputs {
  readonly pod: Pod;
  readonly phase: PodPhase;
  readonly statuses: ContainerStatusLists;
  /** The sandbox runs and has its network. */
  readonly sandboxReady: boolean;
  readonly now: number;
}

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

/** The kubelet's conditions; the time of the last transition carries over from the pod's former ones. */
export function podConditions(inputs: ConditionInputs): readonly PodCondition[] {
  const { pod } = inputs;
  const containersReady = containersReadyVerdict(inputs);
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ['PodReadyToStartContainers', { status: inputs.sandboxReady ? 'True' : 'False' }],
    ['Initialized', initializedVerdict(inputs)],
    ['Ready', readyVerdict(pod, containersReady)],
    ['ContainersReady', containersReady],
    ['PodScheduled', { status: 'True' }],
  ];
  return verdicts.map(([type, verdict]) => withTransition(inputs, type, verdict));
}

function withTransition({ pod, now }: ConditionInputs, type: string, verdict: Verdict): PodCondition {
  const former = pod.status.conditions?.find((condition) => condition.type === type);
  const kept = former?.status === verdict.status ? former.lastTransitionTime : undefined;
  const { reason, message } = verdict;
  return {
    type,
    status: verdict.status,
    lastTransitionTime: kept ?? timestamp(now),
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
}

function initializedVerdict({ pod, phase, statuses }: ConditionInputs): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const begun = statuses.regular.some(
    ({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated,
  );
  if (begun) return { status: 'True' };
  const incomplete = (pod.spec.initContainers ?? []).filter((container) => {
    const status = statuses.init.find(({ name }) => name === container.name);
    return isSidecar(container) ? !status?.started : !status?.ready;
  });
  if (incomplete.length === 0) return { status: 'True' };
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.map(({ name }) => name).join(' ')}]`,
  };
}

function containersReadyVerdict({ pod, phase, statuses }: ConditionInputs): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const wanted = [...sidecars, ...pod.spec.containers].map(({ name }) => name);
  const all: readonly ContainerStatus[] = [...statuses.init, ...statuses.regular];
  const unready = wanted.filter((name) => !all.find((status) => status.name === name)?.ready);
  if (unready.length === 0) return { status: 'True' };
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
}

function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady;
  const problems = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status.conditions?.find(({ type }) => type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  if (problems.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: problems.join(', ') };
}
