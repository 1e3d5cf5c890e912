import { componentCommand } from '../components/component-command.ts';
import { refusedSchedulerFlags, schedulerFlags } from '../components/scheduler-flags.ts';

/** `kubets kube-scheduler`. */
export const kubeSchedulerCommand = componentCommand({
  component: 'kube-scheduler',
  summary: "run the scheduler alone, with upstream's flags",
  flags: schedulerFlags,
  refused: refusedSchedulerFlags,
  run: async (flags, context) => (await import('../components/run-scheduler.ts')).runScheduler(flags, context),
});
