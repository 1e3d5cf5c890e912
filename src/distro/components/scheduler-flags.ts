import {
  clientFlags,
  healthFlags,
  leaderElectionFlags,
  logFlags,
  refusedEverywhere,
  refusedServing,
} from './common-flags.ts';
import type { FlagValues } from './flag.ts';
import type { RefusedFlags } from './parse-flags.ts';

/** The flags of `kubets kube-scheduler`. */
export const schedulerFlags = {
  ...logFlags,
  ...clientFlags,
  ...healthFlags(10_259),
  ...leaderElectionFlags('kube-scheduler'),
};

/** What the command line said. */
export type SchedulerFlags = FlagValues<typeof schedulerFlags>;

/** What upstream's kube-scheduler takes besides. */
export const refusedSchedulerFlags: RefusedFlags = {
  ...refusedEverywhere,
  ...refusedServing,
  config: 'there is one profile, default-scheduler, with fixed plug-ins; what else the file says has flags',
  'write-config-to': 'there is no configuration file',
  'pod-max-in-unschedulable-pods-duration':
    'a pod that fits nowhere is tried again when something changes that may help',
  port: 'there is no port without TLS, use --secure-port',
  'scheduler-name': 'the scheduler is default-scheduler',
  'policy-config*': 'upstream has removed it too',
};
