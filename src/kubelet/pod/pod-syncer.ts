import type { Pod } from '../../api/core/pod.ts';
import { messageOf } from '../../base/errors.ts';
import { environmentReferences } from '../env/environment-references.ts';
import type { PodProbes } from '../probe/pod-probes.ts';
import type { ObjectReferenceTo } from '../source/referenced-objects.ts';
import type { PodMounts } from '../volume/pod-volumes.ts';
import { ContainerStarter, StartProblem } from './container-starter.ts';
import type { KubeletServices } from './kubelet-services.ts';
import type { ObservedPod } from './observed-pod.ts';
import { newestSandbox, podIPsOf } from './observed-pod.ts';
import type { AnyContainer } from './pod-facts.ts';
import { formatPod, isSidecar } from './pod-facts.ts';
import type { PodKiller } from './pod-killer.ts';
import type { ContainerToKill, PodPlan } from './pod-plan.ts';
import { planPod } from './pod-plan.ts';
import type { PodReporter } from './pod-reporter.ts';
import { startSandbox } from './sandbox-starter.ts';

/** What a pass over a pod ended with. */
export type SyncOutcome =
  /** The pod has run to its end. */
  | { readonly finished: true }
  /** Nothing more to do until something changes, or this many milliseconds have passed. */
  | { readonly finished: false; readonly again: number | undefined };

/** Parts of one pod's worker that a sync uses. */
export interface PodSyncerOptions {
  readonly services: KubeletServices;
  readonly probes: PodProbes;
  readonly reporter: PodReporter;
  readonly killer: PodKiller;
}

/** Steps after which a pass gives way, so that a pod that flaps can't keep its worker for ever. */
const maxSteps = 50;
const expectAfterStart = 3_000;
const expectWhileEnding = 30_000;
const volumeRetry = { first: 500, longest: 120_000 };
const startRetry = { first: 1_000, longest: 10_000 };
/** An image may come by another way than a pull while a pull is not due: looked for at least this often. */
const imageLook = 10_000;

/** Brings a pod to what its spec says, step by step, looking at the runtime anew before each. */
export class PodSyncer {
  readonly #options: PodSyncerOptions;
  readonly #starter: ContainerStarter;
  #mounts: (PodMounts & { readonly at: number }) | undefined;
  #stale = true;
  #volumeFailures = 0;
  readonly #startFailures = new Map<string, number>();

  constructor(options: PodSyncerOptions) {
    this.#options = options;
    this.#starter = new ContainerStarter(options.services);
  }

  /** Something that volumes show has changed. */
  invalidateVolumes(): void {
    this.#stale = true;
  }

  /** One pass over the pod. */
  async sync(pod: Pod, signal: AbortSignal): Promise<SyncOutcome> {
    const { services, probes, reporter } = this.#options;
    services.objects.follow(pod.metadata.uid, this.#references(pod));
    for (let step = 0; step < maxSteps; step++) {
      const observed = await services.observer.observe(pod.metadata.uid, signal);
      const podIP = podIPsOf(observed, [services.config.nodeIP])[0] ?? '';
      probes.update(services.statuses.overlay(pod), observed, { podIP, terminating: false });
      const plan = planPod(pod, observed, probes);
      if (plan.step === 'finish') return { finished: true };
      // A pod without a sandbox has nothing to show but that it was seen: that is written meanwhile.
      await reporter.report(pod, observed, { terminal: false });
      if (plan.step === 'sandbox') {
        await this.#makeSandbox(pod, observed, plan, signal);
        continue;
      }
      const result = await this.#containers(pod, observed, plan, signal);
      if (result.progress) continue;
      await reporter.report(pod, observed, { terminal: false });
      await this.#discardOld(observed, signal);
      return { finished: false, again: result.again };
    }
    return { finished: false, again: 0 };
  }

  async #makeSandbox(
    pod: Pod,
    observed: ObservedPod,
    plan: Extract<PodPlan, { step: 'sandbox' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { services, killer } = this.#options;
    if (plan.replaces) {
      services.events.record(pod, {
        type: 'Normal',
        reason: 'SandboxChanged',
        message: 'Pod sandbox changed, it will be killed and re-created.',
      });
      const deadline = services.clock.now() + pod.spec.terminationGracePeriodSeconds * 1000;
      await killer.killAll({ pod, observed, deadline: () => deadline, signal }, () => Promise.resolve());
      for (const { id } of observed.sandboxes) await services.runtime.stopPodSandbox(id, { signal });
    }
    // Volumes do not need the sandbox, nor it them: a failing volume is reported by the next step.
    const volumes = this.#ensureVolumes(pod, observed, signal).catch(() => undefined);
    await Promise.all([volumes, startSandbox(services, pod, plan.attempt, signal)]);
  }

  async #containers(
    pod: Pod,
    observed: ObservedPod,
    plan: Extract<PodPlan, { step: 'containers' }>,
    signal: AbortSignal,
  ): Promise<{ readonly progress: boolean; readonly again: number | undefined }> {
    await Promise.all(plan.kill.map((doomed) => this.#kill(pod, observed, doomed, signal)));
    if (plan.kill.length > 0) return { progress: true, again: undefined };
    if (plan.start.length === 0 && !this.#stale && !this.#refreshDue())
      return { progress: false, again: this.#refreshIn() };
    const volumes = await this.#ensureVolumes(pod, observed, signal).catch((error: unknown) =>
      this.#reportVolumes(pod, error, signal),
    );
    if (!volumes) return { progress: false, again: this.#volumeRetryIn() };
    let progress = false;
    let again = this.#refreshIn();
    for (const container of plan.start) {
      const problem = await this.#start({ pod, container, observed, volumes }, signal);
      if (!problem) progress = true;
      else
        again = Math.min(
          again ?? Infinity,
          Math.min(
            problem.retryIn ?? this.#startRetryIn(container.name),
            problem.reason === 'ImagePullBackOff' ? imageLook : Infinity,
          ),
        );
    }
    return { progress, again };
  }

  async #start(
    request: {
      readonly pod: Pod;
      readonly container: AnyContainer;
      readonly observed: ObservedPod;
      readonly volumes: PodMounts;
    },
    signal: AbortSignal,
  ): Promise<StartProblem | undefined> {
    const { services, reporter } = this.#options;
    const { pod, container, observed, volumes } = request;
    const sandbox = newestSandbox(observed);
    if (!sandbox) return undefined;
    try {
      await this.#starter.start({ pod, container, observed, sandbox, volumes: volumes.volumes, signal });
      reporter.waiting.delete(container.name);
      this.#startFailures.delete(container.name);
      const ends =
        pod.spec.restartPolicy !== 'Always' ||
        (pod.spec.initContainers ?? []).some(({ name }) => name === container.name);
      services.expectChange(ends && !isSidecar(container) ? expectWhileEnding : expectAfterStart);
      return undefined;
    } catch (error) {
      if (signal.aborted || !(error instanceof StartProblem)) throw error;
      reporter.waiting.set(container.name, { reason: error.reason, message: error.message });
      this.#startFailures.set(container.name, (this.#startFailures.get(container.name) ?? 0) + 1);
      // These have left a container behind, whose end is the news.
      const ran = error.reason === 'RunContainerError' || error.reason === 'PostStartHookError';
      if (error.reason !== 'CrashLoopBackOff')
        services.log.error('Failed to start container', {
          pod: formatPod(pod),
          container: container.name,
          reason: error.reason,
          err: error.message,
        });
      return ran ? new StartProblem(error.reason, error.message, { retryIn: 0 }) : error;
    }
  }

  async #kill(
    pod: Pod,
    observed: ObservedPod,
    { container, message, why }: ContainerToKill,
    signal: AbortSignal,
  ): Promise<void> {
    const { services, killer } = this.#options;
    const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
      ({ name }) => name === container.name,
    );
    const probe = why === 'liveness' ? spec?.livenessProbe : why === 'startup' ? spec?.startupProbe : undefined;
    const grace = probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds;
    const deadline = services.clock.now() + grace * 1000;
    await killer.kill(container, { pod, observed, deadline: () => deadline, message, signal });
  }

  async #ensureVolumes(pod: Pod, observed: ObservedPod, signal: AbortSignal): Promise<PodMounts> {
    const { services } = this.#options;
    if (this.#mounts && !this.#stale && !this.#refreshDue()) return this.#mounts;
    this.#stale = false;
    try {
      const hostIPs = [services.config.nodeIP];
      const addresses = { podIPs: podIPsOf(observed, hostIPs), hostIPs, nodeName: services.config.nodeName };
      const mounts = await services.volumes.mountAll(pod, addresses, signal);
      this.#mounts = { ...mounts, at: services.clock.now() };
      this.#volumeFailures = 0;
      return this.#mounts;
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  #reportVolumes(pod: Pod, error: unknown, signal: AbortSignal): undefined {
    signal.throwIfAborted();
    const { services } = this.#options;
    this.#volumeFailures++;
    services.events.record(pod, { type: 'Warning', reason: 'FailedMount', message: messageOf(error) });
    services.log.error('Failed to mount a volume', { pod: formatPod(pod), err: messageOf(error) });
  }

  #volumeRetryIn(): number {
    return Math.min(volumeRetry.longest, volumeRetry.first * 2 ** Math.max(0, this.#volumeFailures - 1));
  }

  #startRetryIn(name: string): number {
    return Math.min(startRetry.longest, startRetry.first * 2 ** ((this.#startFailures.get(name) ?? 1) - 1));
  }

  /** What volumes show; and while a container lacks something, also what environments take theirs from. */
  #references(pod: Pod): readonly ObjectReferenceTo[] {
    const { services, reporter } = this.#options;
    const namespace = pod.metadata.namespace ?? '';
    const lacking = [...reporter.waiting.values()].some(({ reason }) => reason === 'CreateContainerConfigError');
    const environment = lacking ? environmentReferences(pod) : [];
    return [...services.volumes.references(pod), ...environment].map((reference) => ({ ...reference, namespace }));
  }

  #refreshDue(): boolean {
    const left = this.#refreshIn();
    return left !== undefined && left <= 0;
  }

  #refreshIn(): number | undefined {
    if (this.#mounts?.refreshIn === undefined) return undefined;
    return this.#mounts.at + this.#mounts.refreshIn - this.#options.services.clock.now();
  }

  /** Keeps the last two runs of each container and the newest sandbox; the rest only takes room. */
  async #discardOld(observed: ObservedPod, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options.services;
    const seen = new Map<string, number>();
    for (const container of observed.containers) {
      const count = (seen.get(container.name) ?? 0) + 1;
      seen.set(container.name, count);
      if (count > 2 && container.state === 'Exited') await runtime.removeContainer(container.id, { signal });
    }
    const inUse = new Set(observed.containers.map(({ podSandboxId }) => podSandboxId));
    for (const sandbox of observed.sandboxes.slice(1)) {
      if (sandbox.state !== 'Ready' && !inUse.has(sandbox.id)) await runtime.removePodSandbox(sandbox.id, { signal });
    }
  }
}
