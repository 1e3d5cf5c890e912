import { timestamp } from '../../base/clock.ts';
import type { Pod, PodStatus } from '../../api/core/pod.ts';
import { qosClass } from '../../api/core/qos-class.ts';
import { newestContainer, podIPsOf, readySandbox } from '../pod/observed-pod.ts';
import type { StatusInputs } from './container-statuses.ts';
import { containerStatuses } from './container-statuses.ts';
import { podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';

/** Why a kubelet itself ended a pod. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
}

/** What a pod's status is made from. */
export interface PodStatusInputs extends Omit<StatusInputs, 'initialized'> {
  readonly hostIPs: readonly string[];
  readonly now: number;
  /** Nothing will be started any more. */
  readonly terminal: boolean;
  readonly failure?: PodFailure | undefined;
  /** The pod was never admitted: its containers have no statuses. */
  readonly refused?: boolean | undefined;
}

/** The status that a kubelet reports of a pod. Its conditions are only those that it owns. */
export function podStatus(inputs: PodStatusInputs): PodStatus {
  const { pod, observed, hostIPs, now, failure } = inputs;
  const initialized = pod.spec.containers.some(({ name }) => newestContainer(observed, name) !== undefined);
  const from: StatusInputs = { ...inputs, initialized };
  const statuses = { init: containerStatuses(from, 'initContainers'), regular: containerStatuses(from, 'containers') };
  const ephemeral = containerStatuses(from, 'ephemeralContainers');
  const computed = failure ? 'Failed' : podPhase(pod, statuses, inputs.terminal);
  const phase = settled(
    pod,
    computed,
    observed.containers.some(({ state }) => state === 'Running'),
  );
  const addresses = podIPsOf(observed, hostIPs);
  const podIPs = addresses.length > 0 ? addresses : (pod.status.podIPs ?? []).map(({ ip }) => ip);
  const sandboxReady = readySandbox(observed) !== undefined && addresses.length > 0;
  return {
    phase,
    conditions: podConditions({ pod, phase, statuses, sandboxReady, now }),
    ...failure,
    ...(hostIPs[0] === undefined ? {} : { hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...(podIPs[0] === undefined ? {} : { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) }),
    startTime: pod.status.startTime ?? timestamp(now),
    ...(inputs.refused ? {} : { containerStatuses: statuses.regular }),
    ...(statuses.init.length > 0 && !inputs.refused ? { initContainerStatuses: statuses.init } : {}),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    qosClass: qosClass(pod.spec),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
}

/** A pod that ended stays ended, and one whose containers still run has not ended yet. */
function settled(pod: Pod, phase: NonNullable<PodStatus['phase']>, running: boolean): NonNullable<PodStatus['phase']> {
  const former = pod.status.phase;
  if (former === 'Succeeded' || former === 'Failed') return former;
  if ((phase === 'Succeeded' || phase === 'Failed') && running) return former ?? 'Running';
  return phase;
}
