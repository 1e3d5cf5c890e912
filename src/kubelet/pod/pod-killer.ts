import type { Pod } from '../../api/core/pod.ts';
import { messageOf } from '../../base/errors.ts';
import type { KubeletServices } from './kubelet-services.ts';
import type { ObservedContainer, ObservedPod } from './observed-pod.ts';
import { podIPsOf } from './observed-pod.ts';
import { allContainers, fieldPath, formatPod } from './pod-facts.ts';
import { stopOrder } from './pod-plan.ts';

/** How a container is killed. */
export interface KillRequest {
  /** Undefined when the pod is known only from the runtime. */
  readonly pod: Pod | undefined;
  readonly observed: ObservedPod;
  /** When it gets SIGKILL, milliseconds since the epoch. May come nearer while the container is being stopped. */
  readonly deadline: () => number;
  /** Of the Killing event; default: `Stopping container <name>`. */
  readonly message?: string | undefined;
  readonly signal: AbortSignal;
}

/** Even a container without a grace period gets this long, seconds. Source: upstream's minimumGracePeriodInSeconds. */
const minimumGrace = 2;

/** Stops containers of one pod: preStop hook, stop signal, SIGKILL. What was begun once is not begun again. */
export class PodKiller {
  readonly #services: KubeletServices;
  readonly #announced = new Set<string>();
  readonly #hooked = new Set<string>();

  constructor(services: KubeletServices) {
    this.#services = services;
  }

  /** Stops all containers, sidecars last. `stopped` is told after each. */
  async killAll(request: KillRequest, stopped: () => Promise<void>): Promise<void> {
    for (const group of stopOrder(request.pod, request.observed)) {
      await Promise.all(
        group.map(async (container) => {
          await this.kill(container, request);
          await stopped();
        }),
      );
    }
  }

  /** Stops one container; resolves when it has exited. */
  async kill(container: ObservedContainer, request: KillRequest): Promise<void> {
    const { runtime } = this.#services;
    const { signal, pod } = request;
    if (container.state === 'Created') return runtime.removeContainer(container.id, { signal });
    if (pod && !this.#announced.has(container.id)) {
      this.#announced.add(container.id);
      this.#event(pod, container, {
        type: 'Normal',
        reason: 'Killing',
        message: request.message ?? `Stopping container ${container.name}`,
      });
    }
    if (pod) await this.#preStop(pod, container, request);
    const seconds = Math.ceil(this.#remaining(request) / 1000);
    await runtime.stopContainer(container.id, Math.max(seconds, minimumGrace), { signal });
  }

  async #preStop(pod: Pod, container: ObservedContainer, request: KillRequest): Promise<void> {
    const spec = allContainers(pod).find((entry) => entry.container.name === container.name)?.container;
    const handler = spec?.lifecycle?.preStop;
    if (!spec || !handler || container.state !== 'Running' || this.#hooked.has(container.id)) return;
    const limit = this.#remaining(request);
    if (limit <= 0) return;
    this.#hooked.add(container.id);
    const enough = new AbortController();
    const timer = this.#services.clock.after(limit, () => enough.abort(new Error('the grace period is over')));
    const podIP = podIPsOf(request.observed, [this.#services.config.nodeIP])[0] ?? '';
    try {
      const target = { containerId: container.id, container: spec, podIP };
      await this.#services.hooks.run(handler, target, AbortSignal.any([request.signal, enough.signal]));
    } catch (error) {
      request.signal.throwIfAborted();
      this.#services.log.warning('PreStop hook failed', {
        pod: formatPod(pod),
        container: container.name,
        err: messageOf(error),
      });
      if (!enough.signal.aborted)
        this.#event(pod, container, { type: 'Warning', reason: 'FailedPreStopHook', message: 'PreStopHook failed' });
    } finally {
      timer[Symbol.dispose]();
    }
  }

  #remaining({ deadline }: KillRequest): number {
    return deadline() - this.#services.clock.now();
  }

  #event(
    pod: Pod,
    { name }: ObservedContainer,
    event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
  ): void {
    this.#services.events.record(pod, { ...event, fieldPath: fieldPath(pod, name) });
  }
}
