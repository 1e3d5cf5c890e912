import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { Controller } from '../client/controller.ts';
import { ControllerRunner } from '../client/controller-runner.ts';
import { InformerSet } from '../client/informer-set.ts';
import { runAsLeader } from '../client/leader-election.ts';
import { createEventRecorder } from '../client/recorder.ts';
import type { RunnerMetrics } from '../client/runner-metrics.ts';

/** What the controllers run with. */
export interface RunControllersOptions {
  readonly controllers: readonly Controller[];
  /** A client that acts as a controller's account, or as the controller manager itself when none is given. */
  client(account?: string): Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: RunnerMetrics | undefined;
  /** With several controller managers only the leader works. Default: none, this is the only one. */
  readonly leaderElection?: { readonly identity: string } | undefined;
}

/** The controllers as a component, which tells what it is doing at the moment. */
export interface ControllersComponent extends Component {
  /** Keys that are ready or being reconciled, as `controller key`. */
  readonly busy: readonly string[];
}

/** All controllers of a process: one informer per kind among them, one queue each. */
export function runControllers(options: RunControllersOptions): ControllersComponent {
  const { controllers, clock, random, log } = options;
  const informers = new InformerSet({ client: options.client(), clock, random, log });
  let runners: readonly ControllerRunner[] = [];
  const work = async (signal: AbortSignal): Promise<void> => {
    await using recorders = new AsyncDisposableStack();
    runners = controllers.map((controller) => {
      const client = options.client(controller.account ?? controller.name);
      const events = recorders.use(createEventRecorder({ client, clock, random, log, component: controller.name }));
      return new ControllerRunner({
        controller,
        client,
        informers,
        events,
        clock,
        random,
        log,
        metrics: options.metrics,
      });
    });
    log.info('Starting controllers', { count: controllers.length });
    await Promise.all([informers.run(signal), ...runners.map((runner) => runner.run(signal))]);
  };
  return {
    name: 'kube-controller-manager',
    needs: ['kube-apiserver'],
    get busy() {
      return runners.flatMap((runner) => runner.busy);
    },
    async run(signal) {
      if (!options.leaderElection) return work(signal);
      const lease = { namespace: 'kube-system', name: 'kube-controller-manager' };
      await runAsLeader(
        { client: options.client(), clock, log, lease, identity: options.leaderElection.identity },
        work,
        signal,
      );
    },
  };
}
