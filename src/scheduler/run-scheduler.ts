import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { InformerSet } from '../client/informer-set.ts';
import { runAsLeader } from '../client/leader-election.ts';
import { createEventRecorder } from '../client/recorder.ts';
import { Scheduler } from './scheduler.ts';

/** What a scheduler runs with. */
export interface RunSchedulerOptions {
  /** With the scheduler's identity. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Pods with this `schedulerName` are its own. Default: `default-scheduler`. */
  readonly name?: string | undefined;
  /** With several schedulers only the leader works. Default: none, this is the only one. */
  readonly leaderElection?: { readonly identity: string } | undefined;
}

/** The scheduler as a component, which tells whether it has anything to do at the moment. */
export interface SchedulerComponent extends Component {
  /** Whether no pod could be scheduled now and no binding is under way. */
  readonly idle: boolean;
}

/** A scheduler with informers and events of its own. */
export function runScheduler(options: RunSchedulerOptions): SchedulerComponent {
  const { client, clock, random, log, name = 'default-scheduler' } = options;
  let scheduler: Scheduler | undefined;
  const work = async (signal: AbortSignal): Promise<void> => {
    const informers = new InformerSet({ client, clock, random, log });
    await using events = createEventRecorder({ client, clock, random, log, component: name });
    scheduler = new Scheduler({ client, informers, events, clock, random, log, name });
    await Promise.all([informers.run(signal), scheduler.run(signal)]);
  };
  return {
    name: 'kube-scheduler',
    needs: ['kube-apiserver'],
    get idle() {
      return scheduler?.idle ?? true;
    },
    async run(signal) {
      if (!options.leaderElection) return work(signal);
      const lease = { namespace: 'kube-system', name: 'kube-scheduler' };
      await runAsLeader({ client, clock, log, lease, identity: options.leaderElection.identity }, work, signal);
    },
  };
}
