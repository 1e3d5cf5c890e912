import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Store } from '../../store/store.ts';
import type { Layout } from '../config/layout.ts';
import { keptToken } from '../join/cluster-token.ts';
import { followSharedFiles } from '../join/shared-data.ts';
import { hostAddresses } from '../node-network.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import { renewServerIdentities } from '../up/identities.ts';

/** What keeping certificates takes. */
export interface KeepingCertificates {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  /** Where the machines of a control plane find what they share. */
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const lookEvery = 60_000;

/**
 * Renews the certificates of a control-plane machine before they end, and takes over an authority that another machine has
 * begun, until aborted. What fails is tried again a minute later: there are 90 days for it.
 */
export async function keepCertificates(keeping: KeepingCertificates): Promise<void> {
  const { clock, log, signal } = keeping;
  for (;;) {
    await clock.sleep(lookEvery, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      if (await renewDue(keeping)) log.info('Certificates were renewed');
    } catch (error) {
      log.error('Certificates could not be renewed', { error: messageOf(error) });
    }
  }
}

async function renewDue({ plan, layout, store, clock }: KeepingCertificates): Promise<boolean> {
  const token = plan.config.etcdServers.length === 0 ? undefined : keptToken(layout);
  if (token !== undefined) await followSharedFiles(store, token, layout.pki);
  return renewServerIdentities({ plan, layout, addresses: hostAddresses().all, now: clock.now() });
}
