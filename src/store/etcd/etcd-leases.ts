import type { Clock } from '../../base/clock.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import { etcdMethods } from './etcd-messages.ts';

interface Lease {
  readonly granted: Promise<bigint>;
  /** Once granted. */
  id?: bigint;
  /** On the monotonic clock: when it ends at the earliest. */
  end: number;
  keys: number;
}

/** Source: upstream's lease manager: a lease is shared for a minute, but for no more than a twentieth of the lifetime. */
const longestSharing = 60;
const sharedPart = 0.05;
const keysPerLease = 1_000;

/** Leases by which etcd deletes keys after their time. Keys written within a short while share one: a lease costs a write. */
export class EtcdLeases {
  readonly #connection: EtcdConnection;
  readonly #clock: Clock;
  /** By lifetime in seconds. */
  readonly #leases = new Map<number, Lease>();

  constructor(connection: EtcdConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** A lease that lasts `ttl` seconds at least, and hardly longer. */
  take(ttl: number): Promise<bigint> {
    const known = this.#leases.get(ttl);
    const lasts = known && (known.id === undefined || known.end >= this.#clock.monotonic() + ttl * 1000);
    const lease = lasts && known.keys < keysPerLease ? known : this.#grant(ttl);
    lease.keys++;
    return lease.granted;
  }

  /** The lease with this id is gone. */
  forget(id: bigint): void {
    for (const [ttl, lease] of this.#leases) if (lease.id === id) this.#leases.delete(ttl);
  }

  /** Whole seconds that these leases have left, at least 1; undefined for id 0, which is none. */
  async leftOf(ids: readonly bigint[], signal?: AbortSignal): Promise<readonly (number | undefined)[]> {
    const left = new Map<bigint, number | undefined>([[0n, undefined]]);
    for (const id of ids) {
      if (left.has(id)) continue;
      const { ttl } = await this.#connection.request('read', etcdMethods.leaseTimeToLive, { id }, signal);
      left.set(id, Math.max(1, ttl));
    }
    return ids.map((id) => left.get(id));
  }

  #grant(ttl: number): Lease {
    const asked = this.#clock.monotonic();
    const total = Math.ceil(ttl) + Math.floor(Math.min(longestSharing, ttl * sharedPart));
    // Asked for as a read is: a lease too many is no harm, it ends by itself.
    const granted = this.#connection.request('read', etcdMethods.leaseGrant, { ttl: total }).then((answer) => {
      lease.id = answer.id;
      lease.end = asked + answer.ttl * 1000;
      return answer.id;
    });
    granted.catch(() => this.#leases.get(ttl) === lease && this.#leases.delete(ttl));
    const lease: Lease = { granted, end: 0, keys: 0 };
    this.#leases.set(ttl, lease);
    return lease;
  }
}
