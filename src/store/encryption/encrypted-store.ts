import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { StoreError } from '../store.ts';
import type {
  Store,
  StoreEvent,
  StoreGetOptions,
  StoreList,
  StoreListOptions,
  StoreListener,
  StoreWriteOptions,
  StoredValue,
} from '../store.ts';
import { identity, isEncrypted } from './identity.ts';
import { OpenedWatch } from './opened-watch.ts';
import type { ResourceTransformers } from './resource-transformers.ts';
import { TransformError } from './value-transformer.ts';
import type { ValueTransformer } from './value-transformer.ts';

/** Options of `encryptedStore`. */
export interface EncryptedStoreOptions {
  /** The resource, as `secrets` or `deployments.apps`, to which a key belongs; undefined: what it has is left as it is. */
  resourceOf(key: string): string | undefined;
  /** Asked for every value, so that the answer may change. */
  readonly transformers: ResourceTransformers;
  /** The place to which values are bound; default: the key. */
  readonly pathOf?: ((key: string) => string) | undefined;
  readonly clock: Clock;
}

/**
 * A store whose values stand encrypted in another one, as upstream's API server has them in etcd. It closes that other
 * store when it is closed. Values that can't be read are errors, of kind `corrupt`, or `unavailable` where it may go later;
 * they end a watch, but one that may go later only makes it wait.
 */
export function encryptedStore(store: Store, options: EncryptedStoreOptions): Store {
  return new EncryptedStore(store, options);
}

interface SealedWrite {
  readonly options: StoreWriteOptions | undefined;
  put(sealed: Uint8Array, options: StoreWriteOptions | undefined): Promise<number>;
}

/** Of values that are no resource's. */
const untouched: ValueTransformer = {
  seal: (value) => [value],
  open: (stored) => ({ value: stored, isStale: false }),
};

class EncryptedStore implements Store {
  readonly #store: Store;
  readonly #options: EncryptedStoreOptions;
  /** What this process has encrypted itself, as long as the store has those very bytes: its watches need not decrypt it. */
  readonly #sealed = new WeakMap<Uint8Array, Uint8Array>();
  /** Whether anything was sealed: looking is not for nothing then. */
  #hasSealed = false;
  readonly #watches = new Set<OpenedWatch>();

  constructor(store: Store, options: EncryptedStoreOptions) {
    this.#store = store;
    this.#options = options;
  }

  revision(): number | Promise<number> {
    return this.#store.revision();
  }

  async get(key: string, options?: StoreGetOptions): Promise<StoredValue | undefined> {
    const found = await this.#store.get(key, options);
    return found && this.#open(found);
  }

  async list(prefix: string, options?: StoreListOptions): Promise<StoreList> {
    const list = await this.#store.list(prefix, options);
    const items = openEach(list.items, (item) => this.#open(item));
    return { ...list, items: items instanceof Promise ? await items : items };
  }

  create(key: string, value: Uint8Array, options?: StoreWriteOptions): Promise<number> {
    return this.#put(key, value, { options, put: (sealed, added) => this.#store.create(key, sealed, added) });
  }

  update(key: string, value: Uint8Array, expected: number, options?: StoreWriteOptions): Promise<number> {
    return this.#put(key, value, { options, put: (sealed, added) => this.#store.update(key, sealed, expected, added) });
  }

  delete(key: string, expected?: number): Promise<number> {
    return this.#heard(this.#store.delete(key, expected));
  }

  watch(options: { readonly prefix: string; readonly after: number }, listener: StoreListener): Disposable {
    const watch = new OpenedWatch(listener, {
      open: (batch) => openEach(batch, (event) => this.#openEvent(event)),
      clock: this.#options.clock,
      ended: () => this.#watches.delete(watch),
    });
    this.#watches.add(watch);
    watch.follow(this.#store.watch(options, watch));
    return watch;
  }

  compact(revision: number): Promise<void> {
    return this.#store.compact(revision);
  }

  isOutdated(key: string): boolean | Promise<boolean> {
    const transformer = this.#transformerOf(key);
    return transformer === identity || transformer === untouched ? false : this.#isStale(key);
  }

  async #isStale(key: string): Promise<boolean> {
    const found = await this.#store.get(key);
    if (!found) return false;
    try {
      return (await this.#transformerOf(key).open(found.value, this.#pathOf(key))).isStale;
    } catch (error) {
      throw unreadable(found, this.#pathOf(key), error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  #put(key: string, value: Uint8Array, { options, put }: SealedWrite): Promise<number> {
    try {
      const sealed = this.#seal(key, value);
      return this.#heard(put(sealed, withAdded(options, sealed, value)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Watches that wait for somebody else hear of the write, too, before its promise resolves. */
  #heard(writing: Promise<number>): Promise<number> {
    if (this.#options.transformers.isIdle) return writing;
    return writing.then((revision) => {
      let waiting: Promise<void>[] | undefined;
      for (const { caughtUp } of this.#watches) if (caughtUp) (waiting ??= []).push(caughtUp);
      return waiting ? Promise.all(waiting).then(() => revision) : revision;
    });
  }

  #seal(key: string, value: Uint8Array): Uint8Array {
    const transformer = this.#transformerOf(key);
    if (transformer === identity) return value;
    const [only, ...others] = this.#partsOf(transformer, key, value);
    if (only === value && others.length === 0) return value;
    const sealed = Buffer.concat([only!, ...others]);
    this.#sealed.set(sealed, value);
    this.#hasSealed = true;
    return sealed;
  }

  #partsOf(transformer: ValueTransformer, key: string, value: Uint8Array): readonly Uint8Array[] {
    try {
      return transformer.seal(value, this.#pathOf(key));
    } catch (error) {
      const kind = error instanceof TransformError && error.isTransient ? 'unavailable' : 'corrupt';
      throw new StoreError(kind, `the value of ${this.#pathOf(key)} can't be encrypted: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #openEvent(event: StoreEvent): StoreEvent | Promise<StoreEvent> {
    const own = this.#hasSealed ? this.#sealed.get(event.value) : undefined;
    return own ? { ...event, value: own } : this.#open(event);
  }

  #open<T extends KeyedValue>(stored: T): T | Promise<T> {
    const transformer = this.#transformerOf(stored.key);
    if (transformer === identity && !isEncrypted(stored.value)) return stored;
    const path = this.#pathOf(stored.key);
    try {
      const opened = transformer.open(stored.value, path);
      if (!(opened instanceof Promise))
        return opened.value === stored.value ? stored : { ...stored, value: opened.value };
      return opened.then(
        ({ value }) => ({ ...stored, value }),
        (error: unknown) => Promise.reject(unreadable(stored, path, error)),
      );
    } catch (error) {
      throw unreadable(stored, path, error);
    }
  }

  #transformerOf(key: string): ValueTransformer {
    if (this.#options.transformers.isIdle) return identity;
    const resource = this.#options.resourceOf(key);
    return resource === undefined ? untouched : this.#options.transformers.of(resource);
  }

  #pathOf(key: string): string {
    return this.#options.pathOf?.(key) ?? key;
  }
}

function withAdded(
  options: StoreWriteOptions | undefined,
  sealed: Uint8Array,
  value: Uint8Array,
): StoreWriteOptions | undefined {
  return sealed === value ? options : { ...options, added: sealed.length - value.length };
}

/** Opens values: all at once, if none of them must be waited for. */
function openEach<T>(values: readonly T[], open: (value: T) => T | Promise<T>): readonly T[] | Promise<readonly T[]> {
  const ready: T[] = [];
  const waiting: Promise<void>[] = [];
  try {
    values.forEach((value, index) => {
      const opened = open(value);
      if (opened instanceof Promise) waiting.push(opened.then((later) => void (ready[index] = later)));
      else ready[index] = opened;
    });
  } catch (error) {
    // Nobody waits for these any more.
    void Promise.allSettled(waiting);
    throw error;
  }
  return waiting.length === 0 ? ready : Promise.all(waiting).then(() => ready);
}

interface KeyedValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Names the key and the provider. The beginning is upstream's. */
function unreadable({ value }: KeyedValue, path: string, cause: unknown): StoreError {
  const kind = cause instanceof TransformError && cause.isTransient ? 'unavailable' : 'corrupt';
  const provider = providerOf(value);
  const what = provider === undefined ? 'it is not encrypted' : `it is encrypted by ${provider}`;
  return new StoreError(kind, `unable to transform key ${JSON.stringify(path)}: ${messageOf(cause)}; ${what}`, {
    cause,
  });
}

/** The provider and key by which a value was encrypted, such as `k8s:enc:aescbc:v1:key1:`. */
function providerOf(stored: Uint8Array): string | undefined {
  if (!isEncrypted(stored)) return undefined;
  const start = Buffer.from(stored.subarray(0, 400)).toString('latin1');
  return /^k8s:enc:[^:]+:[^:]+:[^:]+:/.exec(start)?.[0] ?? 'k8s:enc:';
}
