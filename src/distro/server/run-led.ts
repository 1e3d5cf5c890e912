import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { runAsLeader } from '../../client/leader-election.ts';

/** As whom a component stands for election. */
export interface Candidacy {
  /** May write Leases in kube-system. */
  readonly client: Client;
  /** Unique among the candidates. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const pauseMs = 1_000;

/**
 * Runs a component while this process holds its lease, until aborted. When the lease is lost, or the component fails, it
 * ends and stands for election again: what else the process does goes on.
 */
export async function runLed(component: Component, candidacy: Candidacy, signal: AbortSignal): Promise<void> {
  const { clock, log } = candidacy;
  const lease = { namespace: 'kube-system', name: component.name };
  while (!signal.aborted) {
    try {
      await runAsLeader({ ...candidacy, lease }, (leading) => component.run(leading), signal);
    } catch (error) {
      log.error('No longer leading; standing for election again', { lease, err: error });
    }
    if (!signal.aborted) await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}
