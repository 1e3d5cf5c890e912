import { microTimestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Lease } from '../../api/coordination/lease.ts';
import type { Client } from '../../client/client.ts';

/** Options of `renewLease`. */
export interface NodeLeaseOptions {
  readonly nodeName: string;
  /** The node's uid, so that its lease goes when it goes. */
  readonly nodeUid: () => string | undefined;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

const namespace = 'kube-node-lease';
const durationSeconds = 40;
const renewEvery = 10_000;
const retryEvery = 1_000;

/** Renews the node's lease every ten seconds until aborted: it tells the control plane that the node lives. */
export async function renewLeaseForever(options: NodeLeaseOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  while (!signal.aborted) {
    let wait = renewEvery;
    try {
      await renewLease(options, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warning('Failed to renew the node lease', { lease: `${namespace}/${options.nodeName}`, err: error });
      wait = retryEvery;
    }
    await clock.sleep(wait, signal).catch(() => undefined);
  }
}

async function renewLease(options: NodeLeaseOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, nodeName } = options;
  const renewTime = microTimestamp(clock.now());
  const spec = { holderIdentity: nodeName, leaseDurationSeconds: durationSeconds, renewTime };
  const key = { namespace, name: nodeName };
  try {
    await client.patch(Lease, key, { type: 'merge', body: { spec } }, { signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    const uid = options.nodeUid();
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const ownerReferences = uid === undefined ? [] : [{ ...owner, uid }];
    await client.create(Lease, { metadata: { name: nodeName, namespace, ownerReferences }, spec }, { signal });
  }
}
