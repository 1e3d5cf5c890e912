/**
 * Which node ports are taken, in one object of the store that is changed by compare-and-swap, so that servers never give out
 * the same port: upstream's RangeAllocation, in its place and its form. Source: registry/core/service/allocator/storage.
 */
import { messageOf } from '../../base/errors.ts';
import { decodeProtobuf, openEnvelope } from '../../machinery/protobuf/decode-protobuf.ts';
import { bytes, defineStruct, isJsonObject, text } from '../../machinery/schema.ts';
import type { Store } from '../../store/store.ts';
import { isProtobuf } from '../cache/foreign-bytes.ts';
import { registryPrefix } from '../cache/storage-key.ts';
import { refusedAs, storeFailure } from '../resources/api-errors.ts';
import type { NodePortRange } from './node-port-allocation.ts';
import { PortSet } from './port-set.ts';

const key = `${registryPrefix}ranges/servicenodeports`;

/** What of a RangeAllocation matters. Source: core/v1 RangeAllocation. */
const RangeAllocation = defineStruct('RangeAllocation', { range: text(2), data: bytes(3) });

interface Known {
  readonly taken: PortSet;
  /** Of the object; undefined while there is none. */
  readonly revision: number | undefined;
}

interface Change {
  decide(taken: PortSet): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** The ledger of one server. Changes that come together are written together. */
export class PortLedger {
  readonly #store: Store;
  readonly #range: NodePortRange;
  #queue: Change[] = [];
  #isWriting = false;
  /** As it was written or read last. Others may have written since, which a write finds out. */
  #known: Known | undefined;

  constructor(store: Store, range: NodePortRange) {
    this.#store = store;
    this.#range = range;
  }

  /**
   * Changes the set and resolves once that is stored. `decide` throws to refuse; it is called anew with a newer set where
   * another server was faster, so it has no other effect than on the set and its own result. Throws StatusError.
   */
  async change<T>(decide: (taken: PortSet) => T): Promise<T> {
    const result: { value?: T } = {};
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ decide: (taken) => void (result.value = decide(taken)), resolve, reject });
    if (!this.#isWriting) void this.#writeAll();
    await promise;
    return result.value as T;
  }

  /** The set as it is stored now. */
  async read(): Promise<PortSet> {
    return (await this.#read()).taken.copy();
  }

  /** Brings the set to what `decide` makes of it, looking elsewhere meanwhile. False when somebody changed it before. */
  async rebuild(decide: (taken: PortSet) => Promise<PortSet>): Promise<boolean> {
    const { taken, revision } = await this.#read();
    const next = await decide(taken.copy());
    if (next.equals(taken)) return true;
    return this.#write(next, revision);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#queue.length > 0) {
      const changes = this.#queue;
      this.#queue = [];
      try {
        await this.#writeTogether(changes);
      } catch (error) {
        for (const { reject } of changes) reject(error);
      }
    }
    this.#isWriting = false;
  }

  async #writeTogether(changes: readonly Change[]): Promise<void> {
    for (;;) {
      const isOld = this.#known !== undefined;
      const { taken, revision } = this.#known ?? (await this.#read());
      const { next, refusals } = decideAll(changes, taken);
      const isUnchanged = next.equals(taken);
      // What is refused must be so by what is stored, not by what was remembered.
      if (isOld && (isUnchanged || refusals.size > 0)) this.#known = undefined;
      else if (isUnchanged || (await this.#write(next, revision))) return settle(changes, refusals);
    }
  }

  async #read(): Promise<Known> {
    try {
      const stored = await this.#store.get(key);
      const taken = stored ? readSet(stored.value, this.#range) : new PortSet(this.#range);
      return (this.#known = { taken, revision: stored?.revision });
    } catch (error) {
      throw storeFailure(error);
    }
  }

  async #write(taken: PortSet, revision: number | undefined): Promise<boolean> {
    this.#known = undefined;
    const value = written(taken);
    try {
      const made = await (revision === undefined
        ? this.#store.create(key, value)
        : this.#store.update(key, value, revision));
      this.#known = { taken, revision: made };
      return true;
    } catch (error) {
      if (refusedAs(error, 'exists', 'conflict', 'notFound')) return false;
      throw storeFailure(error);
    }
  }
}

interface Decided {
  readonly next: PortSet;
  readonly refusals: ReadonlyMap<Change, unknown>;
}

function decideAll(changes: readonly Change[], taken: PortSet): Decided {
  const refusals = new Map<Change, unknown>();
  let next = taken;
  for (const change of changes) {
    const attempt = next.copy();
    try {
      change.decide(attempt);
      next = attempt;
    } catch (error) {
      refusals.set(change, error);
    }
  }
  return { next, refusals };
}

function settle(changes: readonly Change[], refusals: ReadonlyMap<Change, unknown>): void {
  for (const change of changes) {
    if (refusals.has(change)) change.reject(refusals.get(change));
    else change.resolve();
  }
}

function readSet(value: Uint8Array, range: NodePortRange): PortSet {
  const { range: of, data } = isProtobuf(value)
    ? decodeProtobuf(RangeAllocation.node, openEnvelope(value).raw)
    : parsed(value);
  const first = /^(\d+)-\d+$/.exec(String(of))?.[1];
  if (first === undefined || (data !== undefined && typeof data !== 'string')) return new PortSet(range);
  return PortSet.fromBytes(range, { first: Number(first), data: Buffer.from(data ?? '', 'base64') });
}

function parsed(value: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(Buffer.from(value).toString());
    return isJsonObject(json) ? json : {};
  } catch (error) {
    throw new Error(
      `the object ${key} in the store, of the node ports that are taken, can't be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function written(taken: PortSet): Buffer {
  const { first, last } = taken.range;
  const range = `${first}-${last}`;
  const metadata = { name: 'servicenodeports', creationTimestamp: null };
  const data = taken.bytes.toString('base64');
  return Buffer.from(JSON.stringify({ kind: 'RangeAllocation', apiVersion: 'v1', metadata, range, data }));
}
