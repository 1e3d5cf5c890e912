import type { Clock } from '../base/clock.ts';
import { microTimestamp } from '../base/clock.ts';
import { hasReason, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Lease } from '../api/coordination/lease.ts';
import type { ObjectKey } from '../machinery/resource.ts';
import type { Client } from './client.ts';

/** Options of `runAsLeader`; times in milliseconds with upstream's defaults. */
export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** The Lease that the candidates compete for. */
  readonly lease: Required<ObjectKey>;
  /** Unique per candidate. */
  readonly identity: string;
  /** How long others wait after the last renewal. Default 15 s. */
  readonly leaseDuration?: number | undefined;
  /** How long the leader tries to renew before it gives up. Default 10 s. */
  readonly renewDeadline?: number | undefined;
  /** Pause between attempts. Default 2 s. */
  readonly retryPeriod?: number | undefined;
}

interface Durations {
  readonly leaseDuration: number;
  readonly renewDeadline: number;
  readonly retryPeriod: number;
}

/** What a candidate saw last, and when it saw it by its own clock: clocks of candidates may differ. */
interface Observation {
  readonly lease: Lease;
  readonly at: number;
}

/**
 * Waits until this candidate leads, then runs `lead` until `signal` aborts or the lease is lost; resolves when `lead`
 * has ended. Rejects when leadership was lost, or with what `lead` throws. The lease is released at the end.
 */
export async function runAsLeader(
  options: LeaderElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const election = new Election(options);
  if (!(await election.acquire(signal))) return;
  options.log.info('Successfully acquired lease', { lease: options.lease });
  const leading = new AbortController();
  const inner = AbortSignal.any([signal, leading.signal]);
  const renewing = election.renewUntilLost(inner).finally(() => leading.abort(new Error('no longer the leader')));
  try {
    await lead(inner);
  } finally {
    leading.abort(new Error('done leading'));
    await renewing;
    await election.release();
  }
  if (election.lost) throw new Error(`leader election lost: ${options.lease.namespace}/${options.lease.name}`);
}

class Election {
  readonly #options: LeaderElectionOptions & Durations;
  #observed: Observation | undefined;
  lost = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = {
      ...options,
      leaseDuration: options.leaseDuration ?? 15_000,
      renewDeadline: options.renewDeadline ?? 10_000,
      retryPeriod: options.retryPeriod ?? 2000,
    };
  }

  /** False when aborted before it led. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#try(signal)) return true;
      await this.#pause(signal);
    }
    return false;
  }

  async renewUntilLost(signal: AbortSignal): Promise<void> {
    const { clock, renewDeadline, log, lease } = this.#options;
    let renewed = clock.monotonic();
    while (!signal.aborted) {
      await this.#pause(signal);
      if (signal.aborted) return;
      if (await this.#try(signal)) renewed = clock.monotonic();
      else if (clock.monotonic() - renewed >= renewDeadline) {
        this.lost = true;
        log.error('Failed to renew lease', { lease });
        return;
      }
    }
  }

  /** Lets the next candidate lead at once. */
  async release(): Promise<void> {
    const held = this.#observed?.lease;
    if (this.lost || !held || held.spec.holderIdentity !== this.#options.identity) return;
    // A lease without holder is free; one with an empty holder would be refused.
    const { holderIdentity: _holder, ...rest } = held.spec;
    const spec = { ...rest, leaseDurationSeconds: 1, renewTime: this.#now() };
    await this.#options.client.update(Lease, { ...held, spec }).catch(() => undefined);
  }

  async #try(signal: AbortSignal): Promise<boolean> {
    const { client, clock, log, lease } = this.#options;
    try {
      const current = await this.#read(signal);
      if (current && !this.#mayTake(current)) return false;
      const written = current
        ? await client.update(Lease, { ...current, spec: this.#spec(current) }, { signal })
        : await client.create(Lease, { metadata: lease, spec: this.#spec(undefined) }, { signal });
      this.#observed = { lease: written, at: clock.monotonic() };
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!hasReason(error, 'Conflict', 'AlreadyExists'))
        log.warning('Lease attempt failed', { lease, err: messageOf(error) });
      return false;
    }
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#options.client.get(Lease, this.#options.lease, { signal });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** A lease may be taken when it is free, ours, or has not changed for its whole duration as seen from here. */
  #mayTake(current: Lease): boolean {
    const { clock, identity, leaseDuration } = this.#options;
    if (this.#observed?.lease.metadata.resourceVersion !== current.metadata.resourceVersion) {
      this.#observed = { lease: current, at: clock.monotonic() };
    }
    const holder = current.spec.holderIdentity ?? '';
    if (holder === '' || holder === identity) return true;
    return clock.monotonic() >= (this.#observed?.at ?? 0) + leaseDuration;
  }

  #spec(current: Lease | undefined): Lease['spec'] {
    const { identity, leaseDuration } = this.#options;
    const ours = current?.spec.holderIdentity === identity;
    return {
      ...current?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDuration / 1000),
      acquireTime: ours ? current.spec.acquireTime : this.#now(),
      renewTime: this.#now(),
      leaseTransitions: (current?.spec.leaseTransitions ?? 0) + (current && !ours ? 1 : 0),
    };
  }

  #now(): string {
    return microTimestamp(this.#options.clock.now());
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(this.#options.retryPeriod, signal).catch(() => undefined);
  }
}
