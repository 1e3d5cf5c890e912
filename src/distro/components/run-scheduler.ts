import { createHttpClient } from '../../client/http-client.ts';
import type { ComponentContext } from './component-command.ts';
import { connectionOf } from './component-flags.ts';
import { serveComponentHealth } from './component-health.ts';
import { lead } from './lead.ts';
import { schedulerComponent } from './scheduler-component.ts';
import type { SchedulerFlags } from './scheduler-flags.ts';

/** Runs a scheduler alone until aborted; rejects when it lost its lease. */
export async function runScheduler(flags: SchedulerFlags, context: ComponentContext): Promise<void> {
  const { clock, random, log } = context;
  const connection = await connectionOf(flags.kubeconfig);
  await using client = createHttpClient({ ...connection, userAgent: 'kube-scheduler' }, { clock });
  const health = { component: 'kube-scheduler', client, metrics: () => '' };
  await using _health = await serveComponentHealth(flags, health, context);
  const scheduler = schedulerComponent({ client, clock, random, log });
  await lead(flags, { client, run: (signal) => scheduler.run(signal) }, context);
}
