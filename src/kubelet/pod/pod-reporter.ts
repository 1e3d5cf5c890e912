import type { Pod } from '../../api/core/pod.ts';
import { terminationMessage } from '../files/termination-message.ts';
import type { PodProbes } from '../probe/pod-probes.ts';
import type { WaitingReason } from '../status/container-statuses.ts';
import type { PodFailure } from '../status/pod-status.ts';
import { podStatus } from '../status/pod-status.ts';
import type { KubeletServices } from './kubelet-services.ts';
import type { ObservedPod } from './observed-pod.ts';

/** Reports the status of one pod, and remembers why its containers wait and how they ended. */
export class PodReporter {
  /** Why containers wait, by name. */
  readonly waiting = new Map<string, WaitingReason>();
  readonly #services: KubeletServices;
  readonly #probes: PodProbes;
  readonly #messages = new Map<string, string>();

  constructor(services: KubeletServices, probes: PodProbes) {
    this.#services = services;
    this.#probes = probes;
  }

  /** Reports what `observed` shows of the pod. `terminal`: nothing will be started any more. */
  async report(
    pod: Pod,
    observed: ObservedPod,
    state: { readonly terminal: boolean; readonly failure?: PodFailure | undefined; readonly refused?: boolean },
  ): Promise<void> {
    const { config, clock, statuses, runtimeName } = this.#services;
    await this.#readMessages(observed);
    const status = podStatus({
      pod: statuses.overlay(pod),
      observed,
      waiting: state.terminal ? new Map() : this.waiting,
      probes: this.#probes,
      messages: this.#messages,
      runtimeName: runtimeName(),
      hostIPs: [config.nodeIP],
      now: clock.now(),
      ...state,
    });
    statuses.set(pod, status);
  }

  async #readMessages(observed: ObservedPod): Promise<void> {
    const ended = observed.containers.filter(({ id, state }) => state === 'Exited' && !this.#messages.has(id));
    await Promise.all(
      ended.map(async (container) => this.#messages.set(container.id, await terminationMessage(container))),
    );
  }
}
