import type { Pod } from '../../api/core/pod.ts';
import { containerHash } from './container-hash.ts';
import type { ObservedContainer, ObservedPod, ObservedSandbox } from './observed-pod.ts';
import { liveContainers, newestContainer, newestSandbox } from './observed-pod.ts';
import type { AnyContainer } from './pod-facts.ts';
import { isSidecar } from './pod-facts.ts';
import { restartsAfter, shouldStart } from './restart-policy.ts';

/** What the probes say of running containers. */
export interface ProbeVerdicts {
  /** Whether it must be killed, and which probe says so. */
  failed(containerId: string): 'liveness' | 'startup' | undefined;
  /** Whether its startup probe has passed, or it has none. */
  started(containerId: string, container: AnyContainer): boolean;
}

/** A container to be killed, and the message that says why. */
export interface ContainerToKill {
  readonly container: ObservedContainer;
  readonly why: 'liveness' | 'startup' | 'changed' | 'unknown';
  readonly message: string;
}

/** The next step of a pod. */
export type PodPlan =
  /** Stop what is left of the old sandbox and make one. */
  | { readonly step: 'sandbox'; readonly attempt: number; readonly replaces: ObservedSandbox | undefined }
  /** Kill some containers, then start some, in this order. Both may be empty: nothing to do now. */
  | { readonly step: 'containers'; readonly kill: readonly ContainerToKill[]; readonly start: readonly AnyContainer[] }
  /** Everything has ended for good: stop what is left. */
  | { readonly step: 'finish' };

/** Decides the next step from the spec and what the runtime shows. Source: upstream's computePodActions. */
export function planPod(pod: Pod, observed: ObservedPod, probes: ProbeVerdicts): PodPlan {
  const sandbox = newestSandbox(observed);
  const ready = observed.sandboxes.filter(({ state }) => state === 'Ready').length;
  if (!sandbox || sandbox.state !== 'Ready' || ready > 1 || lacksAddress(pod, sandbox)) {
    return planSandbox(pod, observed, sandbox);
  }
  const here = observed.containers.filter(({ podSandboxId }) => podSandboxId === sandbox.id);
  const current: ObservedPod = { ...observed, containers: here };
  const init = planInit(pod, current, probes);
  if (init.failed) return { step: 'finish' };
  const ephemeral = (pod.spec.ephemeralContainers ?? []).filter(({ name }) => !newestContainer(observed, name));
  if (!init.complete) return { step: 'containers', kill: init.kill, start: [...ephemeral, ...init.start] };
  if (regularContainersEnded(pod, observed)) return { step: 'finish' };
  const regular = planRegular(pod, observed, probes);
  return {
    step: 'containers',
    kill: [...init.kill, ...regular.kill],
    start: [...ephemeral, ...init.start, ...regular.start],
  };
}

/** Whether every regular container ran to its end and none will be started again. */
export function regularContainersEnded(pod: Pod, observed: ObservedPod): boolean {
  return pod.spec.containers.every((container) => {
    const status = newestContainer(observed, container.name);
    return status?.state === 'Exited' && !restartsAfter(pod, container, status.exitCode);
  });
}

function lacksAddress(pod: Pod, sandbox: ObservedSandbox): boolean {
  const onNode = sandbox.namespaceOptions?.network === 'NODE';
  if (onNode !== (pod.spec.hostNetwork ?? false)) return true;
  return !onNode && !sandbox.network?.ip;
}

function planSandbox(pod: Pod, observed: ObservedPod, replaces: ObservedSandbox | undefined): PodPlan {
  const attempt = replaces ? replaces.metadata.attempt + 1 : 0;
  const ran = observed.containers.length > 0;
  if (ran && pod.spec.restartPolicy === 'Never' && neverRestarts(pod)) return { step: 'finish' };
  if (ran && regularContainersEnded(pod, observed)) return { step: 'finish' };
  return { step: 'sandbox', attempt, replaces };
}

function neverRestarts(pod: Pod): boolean {
  return pod.spec.containers.every((c) => c.restartPolicy === undefined && c.restartPolicyRules === undefined);
}

interface InitPlan {
  readonly complete: boolean;
  readonly failed: boolean;
  readonly kill: readonly ContainerToKill[];
  readonly start: readonly AnyContainer[];
}

/** Init containers run one after the other; a sidecar lets the next begin once it has started. */
function planInit(pod: Pod, current: ObservedPod, probes: ProbeVerdicts): InitPlan {
  const kill: ContainerToKill[] = [];
  const start: AnyContainer[] = [];
  const initialized = pod.spec.containers.some(({ name }) => newestContainer(current, name) !== undefined);
  for (const container of pod.spec.initContainers ?? []) {
    const status = newestContainer(current, container.name);
    if (isSidecar(container)) {
      const doomed = status && toKill(container, status, probes);
      if (doomed) kill.push(doomed);
      if (doomed || shouldStart(pod, container, status)) start.push(container);
      const up = !doomed && status?.state === 'Running' && probes.started(status.id, container);
      if (!up && !initialized) return { complete: false, failed: false, kill, start };
      continue;
    }
    if (initialized) continue;
    if (status?.state === 'Exited' && status.exitCode === 0) continue;
    if (status?.state === 'Exited' && !restartsAfter(initPolicy(pod), container, status.exitCode)) {
      return { complete: false, failed: true, kill, start };
    }
    if (status?.state !== 'Running') start.push(container);
    return { complete: false, failed: false, kill, start };
  }
  return { complete: true, failed: false, kill, start };
}

/** A failed init container is retried unless the pod never restarts. */
function initPolicy(pod: Pod): Pod {
  if (pod.spec.restartPolicy !== 'Always') return pod;
  return { ...pod, spec: { ...pod.spec, restartPolicy: 'OnFailure' } };
}

function planRegular(pod: Pod, observed: ObservedPod, probes: ProbeVerdicts): Pick<InitPlan, 'kill' | 'start'> {
  const kill: ContainerToKill[] = [];
  const start: AnyContainer[] = [];
  for (const container of pod.spec.containers) {
    const status = newestContainer(observed, container.name);
    const doomed = status && toKill(container, status, probes);
    if (doomed) kill.push(doomed);
    const again = doomed
      ? doomed.why === 'changed' || restartsAfter(pod, container, 137)
      : shouldStart(pod, container, status);
    if (again) start.push(container);
  }
  return { kill, start };
}

function toKill(
  container: AnyContainer,
  status: ObservedContainer,
  probes: ProbeVerdicts,
): ContainerToKill | undefined {
  const { name } = container;
  if (status.state === 'Unknown') {
    return {
      container: status,
      why: 'unknown',
      message: `Container is in "${status.state}" state, try killing it before restart`,
    };
  }
  if (status.state !== 'Running') return undefined;
  if (status.hash !== '' && status.hash !== containerHash(container)) {
    return { container: status, why: 'changed', message: `Container ${name} definition changed, will be restarted` };
  }
  const failed = probes.failed(status.id);
  if (!failed) return undefined;
  return { container: status, why: failed, message: `Container ${name} failed ${failed} probe, will be restarted` };
}

/** Containers in the order in which they are stopped: all regular ones together, then sidecars, last started first. */
export function stopOrder(pod: Pod | undefined, observed: ObservedPod): readonly (readonly ObservedContainer[])[] {
  const live = liveContainers(observed);
  const sidecars = (pod?.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const regular = live.filter(({ name }) => !sidecars.includes(name));
  const groups = sidecars.reverse().map((name) => live.filter((container) => container.name === name));
  return [regular, ...groups].filter((group) => group.length > 0);
}
