import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { InformerSet } from '../../client/informer-set.ts';
import { createEventRecorder } from '../../client/recorder.ts';
import { createScheduler } from '../../scheduler/scheduler.ts';

/** What the scheduler runs with, whatever process it is in. */
export interface SchedulerComponentOptions {
  /** With the identity `system:kube-scheduler`. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The scheduler with informers and events of its own. */
export function schedulerComponent(options: SchedulerComponentOptions): Component {
  return {
    name: 'kube-scheduler',
    needs: ['kube-apiserver'],
    async run(signal) {
      const informers = new InformerSet(options);
      await using events = createEventRecorder({ ...options, component: 'default-scheduler' });
      const scheduler = createScheduler({ ...options, informers, events });
      await Promise.all([informers.run(signal), scheduler.run(signal)]);
    },
  };
}
