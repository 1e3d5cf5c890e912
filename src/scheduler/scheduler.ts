import { Binding } from '../api/core/binding.ts';
import { Namespace } from '../api/core/namespace.ts';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { timestamp } from '../base/clock.ts';
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
import type { ChoosingRules } from './choose-node.ts';
import { ClusterState } from './cluster-state.ts';
import { failureMessage } from './failure-message.ts';
import { podInfoOf } from './pod-info.ts';
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

class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #state = new ClusterState();
  readonly #queue: SchedulingQueue;
  readonly #rules: ChoosingRules;
  readonly #wake = new Wake();
  readonly #pending = new Map<string, Pod>();
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
      }),
    );
    subscriptions.use(
      informers.informer(Node).subscribe(({ type, object, old }) => {
        if (type === 'deleted') this.#state.removeNode(object.metadata.name);
        else this.#state.setNode(object);
        if (type !== 'updated' || mayHelp(object, old)) this.#clusterChanged();
      }),
    );
    subscriptions.use(
      informers
        .informer(Pod)
        .subscribe(({ type, object }) => (type === 'deleted' ? this.#podGone(object) : this.#podSeen(object))),
    );
  }

  #clusterChanged(): void {
    this.#queue.clusterChanged();
    this.#wake.notify();
  }

  #podSeen(pod: Pod): void {
    const { uid } = pod.metadata;
    if (isFinished(pod)) return this.#podGone(pod);
    if (pod.spec.nodeName) {
      const isNew = !this.#state.isPlaced(uid);
      this.#forget(uid);
      this.#state.place(pod, pod.spec.nodeName);
      // Its company may be what an affinity waits for.
      if (isNew || pod.metadata.deletionTimestamp) this.#clusterChanged();
      return;
    }
    if (!this.#isOwn(pod) || this.#state.isPlaced(uid)) return;
    const known = this.#pending.get(uid);
    this.#pending.set(uid, pod);
    if (known && this.#queue.has(uid) && isSameForScheduling(known, pod)) return;
    if (known && !this.#queue.has(uid)) return;
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
    this.#clusterChanged();
  }

  #forget(uid: string): void {
    this.#pending.delete(uid);
    this.#queue.remove(uid);
  }

  #schedule(queued: QueuedPod, signal: AbortSignal): void {
    const pod = this.#pending.get(queued.uid);
    if (!pod) return;
    const cycle = this.#queue.cycle;
    const choice = chooseNode(podInfoOf(pod), this.#state, this.#rules, this.#start++);
    if (choice.node === undefined) {
      this.#queue.failed(queued, cycle);
      this.#track(this.#reportFailure(pod, failureMessage(this.#state.nodes.length, choice.refusals), signal));
      return;
    }
    this.#state.place(pod, choice.node.name);
    this.#track(this.#bind(pod, choice.node.name, { queued, signal }));
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
    const { client, events, log } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const object = { metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: nodeName } };
    try {
      await client.createSubresource(
        Pod,
        keyOf(pod),
        { subresource: 'binding', kind: Binding, object },
        { signal: attempt.signal },
      );
      this.#pending.delete(uid);
      log.v(2).info('Successfully bound pod to node', { pod: keyString(keyOf(pod)), node: nodeName });
      const message = `Successfully assigned ${keyString(keyOf(pod))} to ${nodeName}`;
      events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
    } catch (error) {
      this.#state.unplace(uid);
      if (attempt.signal.aborted) return;
      if (hasReason(error, 'NotFound')) return this.#forget(uid);
      log.error('Binding failed; trying again', { pod: keyString(keyOf(pod)), node: nodeName, err: error });
      if (this.#pending.has(uid)) this.#queue.failed(attempt.queued, this.#queue.cycle - 1);
    }
  }

  async #reportFailure(pod: Pod, message: string, signal: AbortSignal): Promise<void> {
    const { client, events, clock, log } = this.#options;
    events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    const condition = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
    if (condition?.status === 'False' && condition.reason === 'Unschedulable' && condition.message === message) return;
    const lastTransitionTime =
      condition?.status === 'False' && condition.lastTransitionTime
        ? condition.lastTransitionTime
        : timestamp(clock.now());
    const next = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime };
    try {
      const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [next] } };
      await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    } catch (error) {
      if (signal.aborted || hasReason(error, 'NotFound', 'Conflict')) return;
      log.error('The pod could not be told why it is not scheduled', { pod: keyString(keyOf(pod)), err: error });
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
