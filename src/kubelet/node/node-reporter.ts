import type { Node as NodeObject, NodeStatus } from '../../api/core/node.ts';
import { Node } from '../../api/core/node.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { ContainerRuntime, RuntimeVersion } from '../cri/container-runtime.ts';
import type { KubeletConfig } from '../kubelet-config.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { Machine, MachineFacts } from './machine.ts';
import { conditionsDiffer, nodeConditions, transitionEvent } from './node-conditions.ts';
import type { RuntimeHealth } from './node-conditions.ts';
import { nodeLabels, nodeStatus } from './node-status.ts';
import { checkRuntime } from './runtime-health.ts';

/** Options of `NodeReporter`. */
export interface NodeReporterOptions {
  readonly config: KubeletConfig;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
}

const reportEvery = 300_000;
const lookWhileNotReady = 100;
const lookWhileReady = 5_000;
const firstRetry = 100;
const longestRetry = 2_000;
/** A runtime that is started again is not worth a word within this time. Source: upstream's maxWaitForContainerRuntime. */
const runtimeTolerance = 30_000;

/** Registers the node, and reports its conditions at once when they change and every five minutes otherwise. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  #facts: MachineFacts | undefined;
  #version: RuntimeVersion | undefined;
  #reported: NodeStatus | undefined;
  #reportedAt = 0;
  #node: NodeObject | undefined;
  #answered: { readonly health: RuntimeHealth; readonly at: number } | undefined;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
  }

  /** Uid of the node once it is registered. */
  get uid(): string | undefined {
    return this.#node?.metadata.uid;
  }

  /** What the node is made of; undefined until it was first looked at. */
  get facts(): MachineFacts | undefined {
    return this.#facts;
  }

  /** The runtime's version, once it has answered. */
  get version(): RuntimeVersion | undefined {
    return this.#version;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, config } = this.#options;
    let retry = firstRetry;
    while (!signal.aborted) {
      let wait: number;
      try {
        wait = (await this.#report(signal)) ? lookWhileReady : lookWhileNotReady;
        retry = firstRetry;
      } catch (error) {
        if (signal.aborted) return;
        log.warning('Unable to report the node to the API server, will retry', { node: config.nodeName, err: error });
        wait = retry;
        retry = Math.min(retry * 2, longestRetry);
      }
      await clock.sleep(wait, signal).catch(() => undefined);
    }
  }

  /** Returns whether the node is ready. */
  async #report(signal: AbortSignal): Promise<boolean> {
    const { clock, config } = this.#options;
    const status = await this.#look(signal);
    const due = clock.now() - this.#reportedAt >= reportEvery;
    if (!this.#node && config.registerNode !== false) await this.#register(status, signal);
    else if (due || this.#changed(status)) await this.#patchStatus(status, signal);
    return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  }

  async #look(signal: AbortSignal): Promise<NodeStatus> {
    const { config, machine, runtime, clock } = this.#options;
    const health = this.#health(signal);
    this.#version ??= await runtime.version({ signal }).catch(() => undefined);
    this.#facts ??= await machine.facts();
    const images = await runtime.listImages(undefined, { signal }).catch(() => []);
    const conditions = nodeConditions({
      pressure: await machine.pressure(),
      thresholds: config.evictionHard,
      health: await health,
      former: this.#reported?.conditions ?? this.#node?.status.conditions ?? [],
      now: clock.now(),
    });
    return nodeStatus({ config, facts: this.#facts, version: this.#version, images, conditions });
  }

  /** A runtime that has just stopped to answer counts as it was: its containers run on. */
  async #health(signal: AbortSignal): Promise<RuntimeHealth> {
    const { runtime, clock } = this.#options;
    const health = await checkRuntime(runtime, signal);
    if (health.answered) this.#answered = { health, at: clock.now() };
    const former = this.#answered;
    return former && clock.now() - former.at < runtimeTolerance ? former.health : health;
  }

  #changed(status: NodeStatus): boolean {
    const former = this.#reported;
    if (!former || conditionsDiffer(former.conditions ?? [], status.conditions ?? [])) return true;
    const rest = (of: NodeStatus): unknown => ({ ...of, conditions: undefined });
    return !equalJson(rest(former), rest(status));
  }

  async #register(status: NodeStatus, signal: AbortSignal): Promise<void> {
    const { client, config, log, clock } = this.#options;
    if (!this.#facts) return;
    const labels = nodeLabels(config, this.#facts);
    const taints = config.registerWithTaints;
    const spec = {
      ...(taints?.length ? { taints } : {}),
      ...(config.providerID ? { providerID: config.providerID } : {}),
    };
    try {
      const object = { metadata: { name: config.nodeName, labels }, spec, status };
      const node = await client.create(Node, object, { signal });
      this.#accept(node, status, clock.now());
      // A server may keep the status out of a create.
      if (!node.status.conditions?.length) await this.#patchStatus(status, signal);
      log.info('Successfully registered node', { node: config.nodeName });
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      this.#node = await client.patch(
        Node,
        { name: config.nodeName },
        { type: 'merge', body: { metadata: { labels } } },
        { signal },
      );
      await this.#patchStatus(status, signal);
      log.info('Node was previously registered', { node: config.nodeName });
    }
  }

  async #patchStatus(status: NodeStatus, signal: AbortSignal): Promise<void> {
    const { client, config, clock } = this.#options;
    const body = { status: status as unknown as Json };
    try {
      const options = { subresource: 'status', signal };
      const node = await client.patch(Node, { name: config.nodeName }, { type: 'strategic', body }, options);
      this.#accept(node, status, clock.now());
    } catch (error) {
      // Somebody has deleted the node while its kubelet runs: it is registered anew.
      if (hasReason(error, 'NotFound')) this.#node = undefined;
      throw error;
    }
  }

  #accept(node: NodeObject, status: NodeStatus, now: number): void {
    const former = this.#reported?.conditions ?? [];
    for (const condition of status.conditions ?? []) {
      const old = former.find(({ type }) => type === condition.type);
      if (old?.status !== condition.status) this.#announce(transitionEvent(condition));
    }
    this.#node = node;
    this.#reported = status;
    this.#reportedAt = now;
  }

  #announce(reason: string): void {
    const { events, config } = this.#options;
    const about = { apiVersion: 'v1', kind: 'Node', metadata: { name: config.nodeName, uid: config.nodeName } };
    const message = `Node ${config.nodeName} status is now: ${reason}`;
    events.record(about, { type: 'Normal', reason, message });
  }
}
