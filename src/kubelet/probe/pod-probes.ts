import type { Probe } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { ObservedContainer, ObservedPod } from '../pod/observed-pod.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';
import { allContainers, fieldPathOf, isSidecar } from '../pod/pod-facts.ts';
import { probeLoop } from './probe-loop.ts';
import type { Verdict } from './probe-loop.ts';
import type { ProbeOutcome, ProbeType } from './probe-outcome.ts';
import type { RunProbe } from './run-probe.ts';

/** Options of `PodProbes`. */
export interface PodProbesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly run: RunProbe;
  /** A verdict has changed. */
  readonly changed: () => void;
}

interface Loop {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

const types = ['startup', 'liveness', 'readiness'] as const;

/** The probes of one pod's running containers, and what they say. */
export class PodProbes {
  readonly #options: PodProbesOptions;
  readonly #loops = new Map<string, Loop>();
  readonly #verdicts = new Map<string, Verdict>();
  readonly #wakes = new Set<() => void>();
  #pod: Pod | undefined;

  constructor(options: PodProbesOptions) {
    this.#options = options;
  }

  /** Starts probes of containers that run and stops those of others. `terminating` leaves only readiness. */
  update(pod: Pod, observed: ObservedPod, state: { readonly podIP: string; readonly terminating: boolean }): void {
    this.#pod = pod;
    const wanted = new Set<string>();
    for (const { container, group } of allContainers(pod)) {
      if (group === 'ephemeralContainers' || (group === 'initContainers' && !isSidecar(container))) continue;
      const running = observed.containers.find(({ name, state: is }) => name === container.name && is === 'Running');
      if (!running) continue;
      for (const type of types) {
        const probe = container[`${type}Probe`];
        if (!probe || (state.terminating && type !== 'readiness')) continue;
        const key = keyOf(running.id, type);
        wanted.add(key);
        if (this.#loops.has(key) || (type === 'startup' && this.#former(running.id)?.started)) continue;
        this.#start({ probe, type, container, running, podIP: state.podIP, path: fieldPathOf(group, container.name) });
      }
    }
    for (const [key, loop] of this.#loops) {
      if (wanted.has(key)) continue;
      loop.stop.abort(new Error('the container no longer runs'));
      this.#loops.delete(key);
    }
  }

  /** Which probe has given up on a container. */
  failed(containerId: string): 'liveness' | 'startup' | undefined {
    if (this.#verdicts.get(keyOf(containerId, 'startup')) === 'failure') return 'startup';
    return this.#verdicts.get(keyOf(containerId, 'liveness')) === 'failure' ? 'liveness' : undefined;
  }

  /** Whether the startup probe has passed, or there is none. A restarted kubelet believes what the API says. */
  started(containerId: string, container: AnyContainer): boolean {
    if (!container.startupProbe) return true;
    const verdict = this.#verdicts.get(keyOf(containerId, 'startup'));
    return verdict === undefined ? this.#former(containerId)?.started === true : verdict === 'success';
  }

  /** Whether the readiness probe has passed, or there is none. */
  ready(containerId: string, container: AnyContainer): boolean {
    if (!container.readinessProbe) return true;
    const verdict = this.#verdicts.get(keyOf(containerId, 'readiness'));
    return verdict === undefined ? this.#former(containerId)?.ready === true : verdict === 'success';
  }

  /** Stops all probes. */
  async stop(): Promise<void> {
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    for (const { stop } of loops) stop.abort(new Error('the pod has ended'));
    await Promise.all(loops.map(({ done }) => done));
  }

  #former(containerId: string): { readonly ready: boolean; readonly started?: boolean | undefined } | undefined {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod?.status ?? {};
    return [...containerStatuses, ...initContainerStatuses].find((status) =>
      status.containerID?.endsWith(`://${containerId}`),
    );
  }

  #start(target: {
    readonly probe: Probe;
    readonly type: ProbeType;
    readonly container: AnyContainer;
    readonly running: ObservedContainer;
    readonly podIP: string;
    readonly path: string;
  }): void {
    const { probe, type, container, running, podIP, path } = target;
    const { clock, run, changed } = this.#options;
    const key = keyOf(running.id, type);
    const stop = new AbortController();
    const done = probeLoop({
      type,
      probe,
      clock,
      signal: stop.signal,
      startedAt: running.startedAt ?? clock.now(),
      mayRun: () => type === 'startup' || this.started(running.id, container),
      onWake: (wake) => void this.#wakes.add(wake),
      run: (signal) => run(probe, { containerId: running.id, container, podIP }, signal),
      report: (verdict) => {
        if (this.#verdicts.get(key) === verdict) return;
        this.#verdicts.set(key, verdict);
        if (type === 'startup') this.#wakeOthers();
        changed();
      },
      unhealthy: (outcome) => this.#unhealthy(type, outcome, path),
    });
    const settled = done.catch((error: unknown) => {
      if (!stop.signal.aborted)
        this.#options.log.error('A probe failed to run', { container: container.name, probe: type, err: error });
    });
    this.#loops.set(key, { stop, done: settled });
  }

  #wakeOthers(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }

  #unhealthy(type: ProbeType, { message, errored }: ProbeOutcome, fieldPath: string): void {
    if (!this.#pod) return;
    const name = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
    const found = errored ? 'errored and resulted in unknown state' : 'failed';
    this.#options.events.record(this.#pod, {
      type: 'Warning',
      reason: 'Unhealthy',
      message: `${name} probe ${found}: ${message}`,
      fieldPath,
    });
  }
}

function keyOf(containerId: string, type: ProbeType): string {
  return `${containerId}/${type}`;
}
