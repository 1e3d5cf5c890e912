import { rm } from 'node:fs/promises';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { Pod } from '../../api/core/pod.ts';
import { hasReason } from '../../base/errors.ts';
import { keyOf } from '../../machinery/resource.ts';
import { abortable } from '../abortable.ts';
import { PodProbes } from '../probe/pod-probes.ts';
import type { PodFailure } from '../status/pod-status.ts';
import { endpointsWithdrawn, withdrawalTimeout } from './endpoint-withdrawal.ts';
import type { KubeletServices } from './kubelet-services.ts';
import type { ObservedPod } from './observed-pod.ts';
import { liveContainers, podIPsOf } from './observed-pod.ts';
import { podLogDirectory } from './pod-directories.ts';
import { admissionRefusal } from './pod-admission.ts';
import { formatPod, isFinished, isStaticPod } from './pod-facts.ts';
import { podChange } from './pod-change.ts';
import { PodKiller } from './pod-killer.ts';
import { PodReporter } from './pod-reporter.ts';
import { PodSyncer } from './pod-syncer.ts';
import { SandboxError } from './sandbox-starter.ts';

/** What a worker is to do with its pod. */
type Stage =
  | 'running'
  /** Nothing is started any more and what runs is stopped. */
  | 'terminating'
  /** Everything has stopped; the API still shows the pod. */
  | 'ended'
  | 'gone';

/** The grace period of pods that are gone from the API: the least that there is, ms. */
const orphanGrace = 1_000;
const retryFirst = 250;
const retryLongest = 10_000;

/**
 * Looks after one pod from its first sight until nothing of it is left. It works level-triggered: whatever wakes it, it
 * looks at the spec and at the runtime and does what is missing. One thing at a time, and all of it can be cut short.
 */
export class PodWorker {
  readonly uid: string;
  readonly #services: KubeletServices;
  readonly #probes: PodProbes;
  readonly #reporter: PodReporter;
  readonly #killer: PodKiller;
  readonly #syncer: PodSyncer;
  #pod: PodObject | undefined;
  /** The source no longer has the pod. */
  #removed = false;
  #failure: PodFailure | undefined;
  #refused = false;
  #stage: Stage = 'running';
  #deadline = Infinity;
  #withdrawn = false;
  #released = false;
  #woken = Promise.withResolvers<void>();
  #step: AbortController | undefined;
  #failures = 0;

  constructor(services: KubeletServices, uid: string) {
    this.uid = uid;
    this.#services = services;
    this.#probes = new PodProbes({
      clock: services.clock,
      log: services.log,
      events: services.events,
      run: services.runProbe,
      changed: () => this.wake(),
    });
    this.#reporter = new PodReporter(services, this.#probes);
    this.#killer = new PodKiller(services);
    this.#syncer = new PodSyncer({ services, probes: this.#probes, reporter: this.#reporter, killer: this.#killer });
  }

  /** The pod as the source last had it. */
  get pod(): PodObject | undefined {
    return this.#pod;
  }

  /** Takes the pod's newest version. */
  update(pod: PodObject): void {
    const change = podChange(this.#pod, pod);
    this.#pod = pod;
    if (change === 'none') return;
    if (change === 'spec') this.#syncer.invalidateVolumes();
    if (pod.metadata.deletionTimestamp !== undefined) this.#terminate(graceOf(pod));
    this.wake();
  }

  /** The source no longer has the pod: it was deleted by force, or its file is gone, or the kubelet never knew it. */
  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    const pod = this.#pod;
    this.#terminate(pod && isStaticPod(pod) ? graceOf(pod) : orphanGrace);
    this.wake();
  }

  /** Config maps or secrets that the pod shows have changed. */
  invalidateVolumes(): void {
    this.#syncer.invalidateVolumes();
    this.wake();
  }

  /** Something may have changed. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Works until nothing of the pod is left; or until the signal, which leaves its containers running. */
  async run(signal: AbortSignal): Promise<void> {
    let again: number | undefined = 0;
    try {
      while (!signal.aborted && this.#stage !== 'gone') {
        await this.#wait(again, signal);
        this.#woken = Promise.withResolvers();
        again = await this.#work(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.#probes.stop();
    }
  }

  async #work(signal: AbortSignal): Promise<number | undefined> {
    const step = new AbortController();
    this.#step = step;
    try {
      const again = await this.#advance(AbortSignal.any([signal, step.signal]));
      this.#failures = 0;
      return again;
    } catch (error) {
      signal.throwIfAborted();
      if (step.signal.aborted) return 0;
      const pod = this.#pod ? formatPod(this.#pod) : this.uid;
      // A sandbox's failure has been logged where it happened.
      if (!(error instanceof SandboxError)) {
        this.#services.log.error('Error syncing pod, will retry', { pod, stage: this.#stage, err: error });
      }
      return Math.min(retryLongest, retryFirst * 2 ** this.#failures++);
    } finally {
      this.#step = undefined;
    }
  }

  async #advance(signal: AbortSignal): Promise<number | undefined> {
    if (this.#stage === 'running') return this.#runPod(signal);
    if (this.#stage === 'terminating') await this.#stopPod(signal);
    if (this.#stage === 'ended') await this.#cleanUp(signal);
    return undefined;
  }

  async #runPod(signal: AbortSignal): Promise<number | undefined> {
    const pod = this.#pod;
    if (!pod) return undefined;
    if (isFinished(pod)) return this.#finish();
    const refusal = admissionRefusal(pod);
    if (refusal) return this.#refuse(pod, refusal);
    const left = this.#activeDeadlineIn(pod);
    if (left !== undefined && left <= 0) {
      const message = 'Pod was active on the node longer than the specified deadline';
      this.#services.events.record(pod, { type: 'Normal', reason: 'DeadlineExceeded', message });
      this.#failure = { reason: 'DeadlineExceeded', message };
      return this.#finish();
    }
    const outcome = await this.#syncer.sync(pod, signal);
    if (outcome.finished) return this.#finish();
    return outcome.again === undefined ? left : Math.min(outcome.again, left ?? Infinity);
  }

  #refuse(pod: PodObject, { reason, message }: PodFailure): number {
    this.#services.events.record(pod, { type: 'Warning', reason, message });
    this.#failure = { reason, message: `Pod was rejected: ${message}` };
    this.#refused = true;
    return this.#finish();
  }

  /** The pod has run to its end: what is left of it is stopped. */
  #finish(): number {
    this.#terminate(this.#pod ? graceOf(this.#pod) : orphanGrace);
    return 0;
  }

  #terminate(graceMs: number): void {
    const deadline = this.#services.clock.now() + graceMs;
    const sooner = deadline < this.#deadline;
    if (sooner) this.#deadline = deadline;
    if (this.#stage === 'running') {
      this.#stage = 'terminating';
      this.#step?.abort(new Error('the pod is to end'));
    } else if (this.#stage === 'terminating' && sooner) {
      this.#step?.abort(new Error('the grace period became shorter'));
    }
  }

  async #stopPod(signal: AbortSignal): Promise<void> {
    const { observer, runtime } = this.#services;
    let observed = await this.#look(signal);
    if (liveContainers(observed).length > 0) {
      this.#services.expectChange(2_000);
      await this.#awaitWithdrawal(signal);
      const stopped = async (): Promise<void> => void (await this.#look(signal));
      await this.#killer.killAll({ pod: this.#pod, observed, deadline: () => this.#deadline, signal }, stopped);
      observed = await observer.observe(this.uid, signal);
      if (liveContainers(observed).length > 0) throw new Error('containers still run after they were stopped');
    }
    await Promise.all(observed.sandboxes.map(({ id }) => runtime.stopPodSandbox(id, { signal })));
    await this.#probes.stop();
    if (this.#pod && !this.#endedLongAgo(this.#pod, observed)) {
      const how = { terminal: true, failure: this.#failure, refused: this.#refused };
      await this.#reporter.report(this.#pod, observed, how);
    }
    this.#stage = 'ended';
  }

  /** After a restart the runtime may have forgotten how a pod ended; the API has not. */
  #endedLongAgo(pod: PodObject, observed: ObservedPod): boolean {
    return isFinished(pod) && observed.containers.length < pod.spec.containers.length;
  }

  async #look(signal: AbortSignal): Promise<ObservedPod> {
    const { observer, config, statuses } = this.#services;
    const observed = await observer.observe(this.uid, signal);
    const pod = this.#pod;
    if (!pod) return observed;
    const podIP = podIPsOf(observed, [config.nodeIP])[0] ?? '';
    this.#probes.update(statuses.overlay(pod), observed, { podIP, terminating: true });
    if (liveContainers(observed).length > 0) {
      await this.#reporter.report(pod, observed, { terminal: true, failure: this.#failure });
    }
    return observed;
  }

  /** No container is told to stop while some node may still send new connections to it. */
  async #awaitWithdrawal(signal: AbortSignal): Promise<void> {
    const { config, clock, log } = this.#services;
    const pod = this.#pod;
    if (!pod || this.#withdrawn || this.#removed || pod.metadata.deletionTimestamp === undefined) return;
    const graceMs = this.#deadline - clock.now();
    const limit = withdrawalTimeout(pod, { timeout: config.endpointWithdrawalTimeout, graceMs });
    const until = clock.now() + limit;
    while (!this.#removed && this.#pod && !endpointsWithdrawn(this.#pod)) {
      const left = until - clock.now();
      if (left <= 0) break;
      await this.#wait(left, signal);
      this.#woken = Promise.withResolvers();
    }
    this.#withdrawn = true;
    if (limit === 0) return;
    if (!endpointsWithdrawn(this.#pod ?? pod)) {
      log.info('Stopping a pod whose endpoints were not confirmed as withdrawn', {
        pod: formatPod(pod),
        waitedMs: limit,
      });
    }
    const drain = Math.min(config.drainPeriod, this.#deadline - clock.now());
    if (drain > 0) await clock.sleep(drain, signal);
  }

  /** Frees what the pod held on the node; what its logs and statuses need stays until the API lets it go. */
  async #cleanUp(signal: AbortSignal): Promise<void> {
    const { volumes, cgroups, objects, statuses, tokens, certificates } = this.#services;
    const pod = this.#pod;
    if (!this.#released) {
      objects.follow(this.uid, []);
      tokens.forget(this.uid);
      certificates.forget(this.uid);
      await volumes.unmountAll(this.uid);
      await cgroups.remove(this.uid);
      this.#released = true;
    }
    await abortable(statuses.flush(this.uid), signal);
    const deleted = this.#removed || pod?.metadata.deletionTimestamp !== undefined;
    if (!deleted) return;
    await this.#erase(signal);
    if (pod && !this.#removed && !isStaticPod(pod)) await this.#deleteFromApi(pod, signal);
    statuses.forget(this.uid);
    this.#stage = 'gone';
  }

  async #erase(signal: AbortSignal): Promise<void> {
    const { observer, runtime, volumes, directories, cgroups } = this.#services;
    const { sandboxes, containers } = await observer.observe(this.uid, signal);
    for (const { id } of sandboxes) await runtime.removePodSandbox(id, { signal });
    const kept = new Set(sandboxes.map(({ id }) => id));
    for (const { id, podSandboxId } of containers)
      if (!kept.has(podSandboxId)) await runtime.removeContainer(id, { signal });
    await cgroups.remove(this.uid);
    await volumes.tearDown(this.uid);
    if (this.#pod) await rm(podLogDirectory(directories.podLogs, this.#pod), { recursive: true, force: true });
  }

  async #deleteFromApi(pod: PodObject, signal: AbortSignal): Promise<void> {
    const { client } = this.#services;
    const { uid } = pod.metadata;
    try {
      await client.delete(Pod, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
    } catch (error) {
      if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  #activeDeadlineIn(pod: PodObject): number | undefined {
    const { activeDeadlineSeconds } = pod.spec;
    const { startTime } = this.#services.statuses.overlay(pod).status;
    if (activeDeadlineSeconds === undefined || startTime === undefined) return undefined;
    return Date.parse(startTime) + activeDeadlineSeconds * 1000 - this.#services.clock.now();
  }

  /** Until woken, or for `ms`. */
  async #wait(ms: number | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#services;
    if (ms !== undefined && ms <= 0) return signal.throwIfAborted();
    const timer = ms === undefined || ms === Infinity ? undefined : clock.after(ms, () => this.wake());
    try {
      await abortable(this.#woken.promise, signal);
    } finally {
      timer?.[Symbol.dispose]();
    }
  }
}

function graceOf(pod: PodObject): number {
  const seconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds;
  return Math.max(1, seconds) * 1000;
}
