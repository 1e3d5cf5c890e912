import { hostname } from 'node:os';
import type { Client } from '../../client/client.ts';
import { runAsLeader } from '../../client/leader-election.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { leaderElectionFlags } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import type { FlagValues } from './flag.ts';

/** Work that one of several processes does. */
export interface LedWork {
  readonly client: Client;
  run(signal: AbortSignal): Promise<void>;
}

/** Runs `work` while leading, or at once when `--leader-elect=false`. Rejects when leadership was lost. */
export async function lead(
  flags: FlagValues<ReturnType<typeof leaderElectionFlags>>,
  work: LedWork,
  { clock, random, log, signal }: ComponentContext,
): Promise<void> {
  if (!flags['leader-elect']) return work.run(signal);
  const leaseDuration = flags['leader-elect-lease-duration'];
  const renewDeadline = flags['leader-elect-renew-deadline'];
  const retryPeriod = flags['leader-elect-retry-period'];
  if (leaseDuration <= renewDeadline || renewDeadline <= retryPeriod * 1.2) {
    throw new UsageError(
      '--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline, ' +
        'and that longer than 1.2 times --leader-elect-retry-period',
    );
  }
  const lease = {
    namespace: flags['leader-elect-resource-namespace'],
    name: flags['leader-elect-resource-name'],
  };
  const identity = `${hostname()}_${random.uuid()}`;
  await runAsLeader(
    { client: work.client, clock, log, lease, identity, leaseDuration, renewDeadline, retryPeriod },
    (leading) => work.run(leading),
    signal,
  );
}
