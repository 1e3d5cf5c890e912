import type { Clock } from '../../base/clock.ts';
import {
  prefixEnd,
  type Store,
  StoreError,
  type StoreGetOptions,
  type StoreList,
  type StoreListener,
  type StoreListOptions,
  type StoredValue,
  type StoreWriteOptions,
  sizeError,
} from '../store.ts';
import { EtcdConnection, type EtcdConnectionOptions } from './etcd-connection.ts';
import { EtcdKeys } from './etcd-keys.ts';
import { EtcdLeases } from './etcd-leases.ts';
import { readPages } from './etcd-list.ts';
import { type EtcdKeyValue, etcdMethods, type EtcdTxnAnswer, modRevisionTarget } from './etcd-messages.ts';
import { ownBytes } from './etcd-watch.ts';
import { EtcdWatches } from './etcd-watches.ts';

/** Where etcd is, as whom to speak to it, and where in it the store lies. */
export interface EtcdStoreOptions extends EtcdConnectionOptions {
  /** What stands in etcd for the first segment of the store's keys, `/registry`. Default: the same. */
  readonly prefix?: string | undefined;
}

/** How long, in ms, those who ask for the newest revision wait for an answer that is under way, to share the next one. */
const sharing = 500;

/** EtcdCompare's GREATER. */
const greater = 1;

/** A store in an etcd cluster, 3.4 or later. Connects when it is first used. */
export function openEtcdStore(options: EtcdStoreOptions): Store {
  return new EtcdStore(options);
}

class EtcdStore implements Store {
  readonly #clock: Clock;
  readonly #keys: EtcdKeys;
  readonly #connection: EtcdConnection;
  readonly #leases: EtcdLeases;
  readonly #watches: EtcdWatches;
  /** Who asks for the newest revision while one is asked for waits for the next answer. */
  #asked: Promise<number> | undefined;
  #askedNext: Promise<number> | undefined;

  constructor(options: EtcdStoreOptions) {
    const { clock, log } = options;
    this.#clock = clock;
    this.#keys = new EtcdKeys(options.prefix);
    this.#connection = new EtcdConnection(options);
    this.#leases = new EtcdLeases(this.#connection, clock);
    this.#watches = new EtcdWatches({
      connection: this.#connection,
      clock,
      log,
      keyOf: (key) => this.#keys.toStore(key),
      verify: async (revision) => void (await this.#reach(revision)),
    });
  }

  revision(): Promise<number> {
    if (!this.#asked) return this.#ask();
    // An answer that is under way may be older than what the caller has seen acknowledged.
    return (this.#askedNext ??= this.#askNext(this.#asked));
  }

  async get(key: string, options: StoreGetOptions = {}): Promise<StoredValue | undefined> {
    const request = { key: this.#keys.toEtcd(key), revision: options.revision };
    const { kvs } = await this.#connection.request('read', etcdMethods.range, request, options.signal);
    return kvs[0] && this.#valueOf(kvs[0]);
  }

  async list(prefix: string, options: StoreListOptions = {}): Promise<StoreList> {
    const start = this.#keys.toEtcd(prefix);
    const range = {
      key: options.after === undefined ? start : largerOf(start, `${this.#keys.toEtcd(options.after)}\0`),
      rangeEnd: prefixEnd(start),
    };
    const { kvs, revision, count } = await readPages(this.#connection, range, options);
    const remaining = options.counted === false ? 0 : count - kvs.length;
    const items = kvs.map((kv) => this.#valueOf(kv));
    if (!options.ttls) return { items, revision, remaining };
    const ttls = await this.#leases.leftOf(
      kvs.map(({ lease }) => lease),
      options.signal,
    );
    return { items: items.map((item, i) => ({ ...item, ttl: ttls[i] })), revision, remaining };
  }

  async create(key: string, value: Uint8Array, options?: StoreWriteOptions): Promise<number> {
    const answer = await this.#put(key, value, 0, options);
    if (answer.succeeded) return this.#written(key, answer);
    throw new StoreError('exists', `key ${key} exists`);
  }

  async update(key: string, value: Uint8Array, expected: number, options?: StoreWriteOptions): Promise<number> {
    const answer = await this.#put(key, value, expected, options);
    if (answer.succeeded) return this.#written(key, answer);
    throw refusal(key, answer, expected);
  }

  async delete(key: string, expected?: number): Promise<number> {
    const etcdKey = this.#keys.toEtcd(key);
    const answer = await this.#connection.request('write', etcdMethods.txn, {
      compare: [
        expected === undefined
          ? { target: modRevisionTarget, result: greater, key: etcdKey, modRevision: 0 }
          : { target: modRevisionTarget, key: etcdKey, modRevision: expected },
      ],
      success: [{ deleteRange: { key: etcdKey } }],
      failure: [{ range: { key: etcdKey, keysOnly: true } }],
    });
    if (answer.succeeded) return this.#written(key, answer);
    throw refusal(key, answer, expected);
  }

  watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    return this.#watches.add({ prefix: this.#keys.toEtcd(options.prefix), after: options.after }, listener);
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.#connection.request('read', etcdMethods.compact, { revision });
    } catch (error) {
      // Done already, maybe by another server.
      if (!(error instanceof StoreError) || error.kind !== 'compacted') throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watches[Symbol.dispose]();
    this.#connection[Symbol.dispose]();
  }

  /** Asks once the question that is under way has its answer; one that has none soon keeps nobody waiting. */
  async #askNext(asked: Promise<number>): Promise<number> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    {
      using _timer = this.#clock.after(sharing, resolve);
      await Promise.race([asked.catch(() => undefined), late]);
    }
    this.#askedNext = undefined;
    return this.#ask();
  }

  #ask(): Promise<number> {
    const asked = this.#reach().finally(() => {
      if (this.#asked === asked) this.#asked = undefined;
    });
    this.#asked = asked;
    return asked;
  }

  /** The newest revision, of a majority; fails if `revision` is not one that can be read. */
  async #reach(revision?: number): Promise<number> {
    const range = { key: this.#keys.root, countOnly: true, revision };
    const { header } = await this.#connection.request('read', etcdMethods.range, range);
    if (revision === undefined) this.#watches.follow(header.revision);
    return header.revision;
  }

  async #put(
    key: string,
    value: Uint8Array,
    expected: number,
    options: StoreWriteOptions = {},
  ): Promise<EtcdTxnAnswer> {
    const tooLarge = sizeError(key, value, options);
    if (tooLarge) throw tooLarge;
    const { ttl } = options;
    const etcdKey = this.#keys.toEtcd(key);
    for (let attempt = 1; ; attempt++) {
      const lease = ttl === undefined ? undefined : await this.#leases.take(ttl);
      try {
        return await this.#connection.request('write', etcdMethods.txn, {
          compare: [{ target: modRevisionTarget, key: etcdKey, modRevision: expected }],
          success: [{ put: { key: etcdKey, value, lease } }],
          failure: expected === 0 ? undefined : [{ range: { key: etcdKey, keysOnly: true } }],
        });
      } catch (error) {
        // The lease ran out, or was revoked, before it was used: nothing was written.
        const gone = lease !== undefined && error instanceof StoreError && error.kind === 'notFound';
        if (!gone || attempt === 2) throw error;
        this.#leases.forget(lease);
      }
    }
  }

  /** The revision of a write, once those who watch the key here have heard of it. */
  async #written(key: string, { header }: EtcdTxnAnswer): Promise<number> {
    await this.#watches.heard(this.#keys.toEtcd(key), header.revision);
    return header.revision;
  }

  #valueOf(kv: EtcdKeyValue): StoredValue {
    return { key: this.#keys.toStore(kv.key), value: ownBytes(kv.value), revision: kv.modRevision };
  }
}

function largerOf(a: string, b: string): string {
  return a < b ? b : a;
}

/** Why a transaction went the other way. */
function refusal(key: string, answer: EtcdTxnAnswer, expected: number | undefined): StoreError {
  const found = answer.responses[0]?.range?.kvs[0];
  if (!found) return new StoreError('notFound', `key ${key} does not exist`);
  return new StoreError('conflict', `key ${key} is at revision ${found.modRevision}, not ${expected}`);
}
