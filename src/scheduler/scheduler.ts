import { Namespace } from '../api/core/namespace.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { hasReason } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { Wake } from '../base/wake.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { InformerSet } from '../client/informer-set.ts';
import { keyOf, keyString } from '../machinery/resource.ts';
import { chooseNode } from './choose-node.ts';
import type { Choice, ChoosingRules } from './choose-node.ts';
import { ClusterState } from './cluster-state.ts';
import { failureMessage, noVictims } from './failure-message.ts';
import { Nominations } from './nominations.ts';
import { podInfoOf } from './pod-info.ts';
import type { PodInfo } from './pod-info.ts';
import { bindPod, evictVictims, reportUnschedulable } from './pod-writes.ts';
import type { WriteContext } from './pod-writes.ts';
import type { ClusterEvent } from './plugin.ts';
import { planPreemption, preemptionRefused } from './preemption.ts';
import { filters, scores } from './registry.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import type { QueuedPod } from './scheduling-queue.ts';

/** What a scheduler needs. */
export interface SchedulerOptions {
  readonly client: Client;
  /** Shared by the process; somebody else runs it. */
  readonly informers: InformerSet;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Pods with this `schedulerName` are its own. Default: `default-scheduler`. */
  readonly name?: string | undefined;
}

/** The scheduler: chooses a node for every pod that asks for it by name and has none. */
export function createScheduler(options: SchedulerOptions): Component {
  const scheduler = new Scheduler(options);
  return { name: 'kube-scheduler', run: (signal) => scheduler.run(signal) };
}

/** Bindings under way at once. */
const parallelBindings = 32;

/** See `createScheduler`. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #state = new ClusterState();
  readonly #queue: SchedulingQueue;
  readonly #rules: ChoosingRules;
  readonly #wake = new Wake();
  readonly #pending = new Map<string, Pod>();
  readonly #nominations = new Nominations();
  readonly #bindings = new Set<Promise<void>>();
  #start = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#queue = new SchedulingQueue(options.clock);
    this.#rules = { filters, scores, random: options.random };
    options.informers.informer(Pod);
    options.informers.informer(Node);
    options.informers.informer(Namespace);
  }

  /** Whether no pod could be scheduled now and no binding is under way. */
  get idle(): boolean {
    return this.#queue.sizes.active === 0 && this.#bindings.size === 0;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers, clock } = this.#options;
    using subscriptions = new DisposableStack();
    try {
      await informers.informer(Namespace).whenSynced(signal);
      await informers.informer(Node).whenSynced(signal);
      await informers.informer(Pod).whenSynced(signal);
    } catch {
      return;
    }
    this.#subscribe(subscriptions);
    while (!signal.aborted) {
      const next = this.#bindings.size < parallelBindings ? this.#queue.take() : undefined;
      if (next) {
        this.#schedule(next, signal);
        continue;
      }
      const ms = this.#queue.nextDue;
      await this.#wake.wait(signal, ms === undefined ? undefined : { clock, ms });
    }
    await Promise.all(this.#bindings);
  }

  #subscribe(subscriptions: DisposableStack): void {
    const { informers } = this.#options;
    subscriptions.use(
      informers.informer(Namespace).subscribe(({ type, object }) => {
        if (type === 'deleted') this.#state.removeNamespace(object.metadata.name);
        else this.#state.setNamespace(object);
        this.#clusterChanged('namespace');
      }),
    );
    subscriptions.use(
      informers.informer(Node).subscribe(({ type, object, old }) => {
        if (type === 'deleted') this.#state.removeNode(object.metadata.name);
        else this.#state.setNode(object);
        if (type === 'added' || (type === 'updated' && mayHelp(object, old))) this.#clusterChanged('node');
      }),
    );
    subscriptions.use(
      informers
        .informer(Pod)
        .subscribe(({ type, object }) => (type === 'deleted' ? this.#podGone(object) : this.#podSeen(object))),
    );
  }

  #clusterChanged(event: ClusterEvent): void {
    this.#queue.clusterChanged(event);
    this.#wake.notify();
  }

  #podSeen(pod: Pod): void {
    const { uid } = pod.metadata;
    if (isFinished(pod)) return this.#podGone(pod);
    if (pod.spec.nodeName) {
      const isNew = !this.#state.isPlaced(uid);
      const changes = this.#state.place(pod, pod.spec.nodeName);
      this.#forget(uid);
      // Its company may be what an affinity waits for, or its label what a spread counts.
      if (isNew) this.#clusterChanged('pod-placed');
      else if (changes) this.#clusterChanged('pod-changed');
      return;
    }
    if (this.#state.isPlaced(uid)) return;
    if (!this.#isOwn(pod)) return this.#forget(uid);
    const known = this.#pending.get(uid);
    this.#pending.set(uid, pod);
    if (known && (!this.#queue.has(uid) || isSameForScheduling(known, pod))) return;
    this.#queue.add(uid, pod.spec.priority ?? 0);
    this.#wake.notify();
  }

  #isOwn(pod: Pod): boolean {
    const gated = (pod.spec.schedulingGates ?? []).length > 0;
    const mine = pod.spec.schedulerName === (this.#options.name ?? 'default-scheduler');
    return mine && !gated && !pod.metadata.deletionTimestamp;
  }

  #podGone(pod: Pod): void {
    const { uid } = pod.metadata;
    this.#forget(uid);
    if (!this.#state.isPlaced(uid)) return;
    this.#state.unplace(uid);
    this.#clusterChanged('pod-gone');
  }

  #forget(uid: string): void {
    this.#pending.delete(uid);
    this.#queue.remove(uid);
    this.#nominations.delete(uid);
  }

  #schedule(queued: QueuedPod, signal: AbortSignal): void {
    const pod = this.#pending.get(queued.uid);
    if (!pod) return;
    const info = podInfoOf(pod);
    const choice = this.#nominations.reserving(info, this.#state, () =>
      chooseNode(info, this.#state, this.#rules, this.#start++),
    );
    if (choice.node === undefined) return this.#unschedulable(queued, { info, choice, signal });
    this.#state.restore(info, choice.node.name);
    this.#nominations.delete(queued.uid);
    this.#track(this.#bind(pod, choice.node.name, { queued, signal }));
  }

  /** Makes room for the pod at the cost of lesser ones, if that is possible, and says why it must wait. */
  #unschedulable(
    queued: QueuedPod,
    attempt: {
      readonly info: PodInfo;
      readonly choice: Extract<Choice, { node: undefined }>;
      readonly signal: AbortSignal;
    },
  ): void {
    const { info, choice, signal } = attempt;
    const { refusals, wakes } = choice;
    const total = this.#state.nodes.length;
    const nominated = this.#state.node(this.#nominations.of(queued.uid) ?? '');
    const refused = preemptionRefused(info, nominated);
    const plan = refused === undefined ? this.#planPreemption(info, choice) : undefined;
    if (plan) this.#nominations.set(info, plan.node.name);
    this.#queue.failed(queued, wakes);
    const message = failureMessage(total, refusals, plan ? '' : (refused ?? noVictims(total, refusals)));
    const context = this.#writing(signal);
    this.#track(reportUnschedulable(info.pod, { message, nominatedNodeName: plan?.node.name }, context));
    if (plan) this.#track(evictVictims(info.pod, plan, context));
  }

  #planPreemption(info: PodInfo, { refusals }: Extract<Choice, { node: undefined }>) {
    return this.#nominations.reserving(info, this.#state, () =>
      planPreemption(info, this.#state, { filters, refusals }),
    );
  }

  #writing(signal: AbortSignal): WriteContext {
    const { client, events, clock, log } = this.#options;
    return { client, events, clock, log, signal };
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#bindings.delete(tracked);
      this.#wake.notify();
    });
    this.#bindings.add(tracked);
  }

  async #bind(
    pod: Pod,
    nodeName: string,
    attempt: { readonly queued: QueuedPod; readonly signal: AbortSignal },
  ): Promise<void> {
    const { uid } = pod.metadata;
    try {
      await bindPod(pod, nodeName, this.#writing(attempt.signal));
      this.#pending.delete(uid);
    } catch (error) {
      this.#state.unplace(uid);
      if (attempt.signal.aborted) return;
      if (hasReason(error, 'NotFound')) return this.#forget(uid);
      this.#options.log.error('Binding failed; trying again', {
        pod: keyString(keyOf(pod)),
        node: nodeName,
        err: error,
      });
      if (this.#pending.has(uid)) this.#queue.retry(attempt.queued);
    }
  }
}

function isFinished(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

/** Whether nothing that scheduling looks at differs. */
function isSameForScheduling(a: Pod, b: Pod): boolean {
  return (
    JSON.stringify([a.spec, a.metadata.labels]) === JSON.stringify([b.spec, b.metadata.labels]) &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}

/** Whether a node's change could make room for a pod: heartbeats do not. */
function mayHelp(node: Node, old: Node | undefined): boolean {
  if (!old) return true;
  const seen = ({ spec, metadata, status }: Node): string =>
    JSON.stringify([spec, metadata.labels, status.allocatable]);
  return seen(node) !== seen(old);
}
