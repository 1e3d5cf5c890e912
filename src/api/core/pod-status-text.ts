/** What the STATUS, READY and RESTARTS columns say of a pod. Source: kubernetes' printers (printPod). */
import { ageOf } from '../../machinery/human-duration.ts';
import type { Container } from './container.ts';
import type { ContainerStatus, Pod } from './pod.ts';

/** The summary of a pod. */
export interface PodSummary {
  readonly status: string;
  readonly ready: number;
  readonly total: number;
  /** `0`, or `2 (5m ago)`. */
  readonly restarts: string;
}

interface Tally {
  count: number;
  last: string;
}

/** Summarizes a pod as `kubectl get pods` shows it. */
export function podSummary(pod: Pod, now: number): PodSummary {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const init = summarizeInit(pod, sidecars);
  const main = init.initializing && !isTrue(pod, 'Initialized') ? undefined : summarizeMain(pod, init.status);
  const tally = main ? merge(init.sidecarRestarts, main.restarts) : init.restarts;
  return {
    status: deletionStatus(pod) ?? main?.status ?? init.status,
    ready: init.ready + (main?.ready ?? 0),
    total: pod.spec.containers.length + sidecars.size,
    restarts:
      tally.count > 0 && tally.last !== '' ? `${tally.count} (${ageOf(tally.last, now)} ago)` : `${tally.count}`,
  };
}

function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

function isTrue({ status }: Pod, type: string): boolean {
  return (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
}

function deletionStatus({ metadata, status }: Pod): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  if (status.reason === 'NodeLost') return 'Unknown';
  return status.phase === 'Succeeded' || status.phase === 'Failed' ? undefined : 'Terminating';
}

function baseStatus({ status }: Pod): string {
  const gated = (status.conditions ?? []).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : status.reason || (status.phase ?? '');
}

interface InitSummary {
  readonly status: string;
  readonly ready: number;
  readonly initializing: boolean;
  readonly restarts: Tally;
  readonly sidecarRestarts: Tally;
}

function summarizeInit(pod: Pod, sidecars: ReadonlySet<string>): InitSummary {
  const restarts: Tally = { count: 0, last: '' };
  const sidecarRestarts: Tally = { count: 0, last: '' };
  let ready = 0;
  for (const [index, container] of (pod.status.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(container.name);
    add(restarts, container);
    if (sidecar) add(sidecarRestarts, container);
    if (container.state.terminated?.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ready++;
      continue;
    }
    const status = `Init:${initProblem(container) ?? `${index}/${(pod.spec.initContainers ?? []).length}`}`;
    return { status, ready, initializing: true, restarts, sidecarRestarts };
  }
  return { status: baseStatus(pod), ready, initializing: false, restarts, sidecarRestarts };
}

function initProblem({ state: { terminated, waiting } }: ContainerStatus): string | undefined {
  if (terminated) return terminated.reason || exitText(terminated);
  return waiting?.reason && waiting.reason !== 'PodInitializing' ? waiting.reason : undefined;
}

function exitText({ signal, exitCode }: { readonly signal?: number | undefined; readonly exitCode: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function summarizeMain(pod: Pod, initial: string): { status: string; ready: number; restarts: Tally } {
  const restarts: Tally = { count: 0, last: '' };
  let [status, ready, running] = [initial, 0, false];
  for (const container of (pod.status.containerStatuses ?? []).toReversed()) {
    add(restarts, container);
    const { waiting, terminated, running: started } = container.state;
    if (waiting?.reason) status = waiting.reason;
    else if (terminated) status = terminated.reason || exitText(terminated);
    else if (container.ready && started) {
      running = true;
      ready++;
    }
  }
  // One container is done, another still runs: the pod does.
  if (status === 'Completed' && running) status = isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  return { status, ready, restarts };
}

function add(tally: Tally, { restartCount, lastState }: ContainerStatus): void {
  tally.count += restartCount;
  const finished = lastState.terminated?.finishedAt ?? '';
  if (finished > tally.last) tally.last = finished;
}

function merge(a: Tally, b: Tally): Tally {
  return { count: a.count + b.count, last: a.last > b.last ? a.last : b.last };
}
