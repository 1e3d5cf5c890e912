import type { Clock } from '../base/clock.ts';
import { microTimestamp } from '../base/clock.ts';
import { hasReason, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Wake } from '../base/wake.ts';
import { Lease } from '../api/coordination/lease.ts';
import type { Client } from '../client/client.ts';
import type { DraftObjectOf } from '../machinery/resource.ts';
import type { AppliedBatch } from './proxier.ts';

/** The annotation that says up to which resourceVersion the kernel reflects all EndpointSlices. */
export const appliedSlicesAnnotation = 'kubets.io/applied-endpoint-slices';

/** Where the proxies' leases are. */
export const leaseNamespace = 'kube-node-lease';

/** The name of a node's proxy lease. */
export const proxyLeaseName = (nodeName: string): string => `kube-proxy.${nodeName}`;

/** Milliseconds between renewals and before a retry, and seconds for which a lease counts after the last one. */
const renewEvery = 10_000;
const retryAfter = 500;
const leaseDurationSeconds = 40;

/** What a `WithdrawalLease` needs. */
export interface WithdrawalLeaseOptions {
  readonly client: Client;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells the cluster that this node no longer sends to withdrawn endpoints, so that their containers may be stopped:
 * at once when a batch withdrew one, else with the renewal every 10 s.
 */
export class WithdrawalLease {
  readonly #options: WithdrawalLeaseOptions;
  #version: string | undefined;
  readonly #wake = new Wake();

  constructor(options: WithdrawalLeaseOptions) {
    this.#options = options;
  }

  /** The kernel has taken a batch. */
  applied(batch: AppliedBatch): void {
    const isFirst = this.#version === undefined;
    this.#version = batch.sliceVersion;
    if (!batch.withdrew && !isFirst) return;
    this.#wake.notify();
  }

  /**
   * Writes the lease until aborted. It is left to expire: the rules stay in the kernel while the proxy restarts, so it is
   * right that others wait for it to come back, as long as they wait for anybody.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#wake.wait(signal, { clock: this.#options.clock, ms: renewEvery });
      if (signal.aborted) return;
      if (!(await this.#write(signal))) this.#options.clock.after(retryAfter, () => this.#wake.notify());
    }
  }

  async #write(signal: AbortSignal): Promise<boolean> {
    if (this.#version === undefined) return true;
    const { client, nodeName, clock, log } = this.#options;
    const key = { namespace: leaseNamespace, name: proxyLeaseName(nodeName) };
    const content = {
      metadata: { annotations: { [appliedSlicesAnnotation]: this.#version } },
      spec: { holderIdentity: nodeName, leaseDurationSeconds, renewTime: microTimestamp(clock.now()) },
    };
    try {
      await client.patch(Lease, key, { type: 'merge', body: content }, { signal });
      return true;
    } catch (error) {
      if (hasReason(error, 'NotFound'))
        return this.#create({ ...content, metadata: { ...key, ...content.metadata } }, signal);
      if (!signal.aborted)
        log.warning('Failed to renew the proxy lease; retrying', { lease: key.name, err: messageOf(error) });
      return false;
    }
  }

  async #create(lease: DraftObjectOf<typeof Lease>, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.client.create(Lease, lease, { signal });
      return true;
    } catch (error) {
      if (!signal.aborted)
        this.#options.log.warning('Failed to create the proxy lease; retrying', { err: messageOf(error) });
      return false;
    }
  }
}
