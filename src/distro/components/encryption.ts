import type { HealthCheck } from '../../apiserver/http/health.ts';
import { registryPrefix } from '../../apiserver/cache/storage-key.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { encryptedStore } from '../../store/encryption/encrypted-store.ts';
import { identity } from '../../store/encryption/identity.ts';
import type { ResourceTransformers } from '../../store/encryption/resource-transformers.ts';
import { EtcdKeys } from '../../store/etcd/etcd-keys.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../config/cluster-config.ts';
import { loadEncryptionConfiguration } from './encryption-file.ts';
import type { LoadedEncryptionConfiguration } from './encryption-file.ts';
import { fileHash } from './file-hash.ts';
import { EncryptionProviders } from './encryption-providers.ts';
import type { ProviderContext } from './encryption-providers.ts';
import { resourceOfKey } from './encryption-resources.ts';
import type { StoreLocation } from './store-location.ts';

/** Options of `openEncryption`. */
export interface EncryptionOptions extends ProviderContext {
  /** The file of an EncryptionConfiguration; undefined: nothing is encrypted, and encrypted values are refused. */
  readonly path: string | undefined;
  /** Whether changes of the file are taken up while the server runs. */
  readonly reloads: boolean;
  /** Ends waiting for plug-ins at the start. */
  readonly signal: AbortSignal;
}

/** How the values of each resource are stored, for as long as the server runs. */
export interface Encryption extends AsyncDisposable {
  readonly transformers: ResourceTransformers;
  /** Of KMS plug-ins, as upstream names them. */
  readonly healthChecks: readonly HealthCheck[];
}

/** How often the file is looked at. Source: apiserver's encryptionconfig/controller. */
const reloadMs = 60_000;
/** How long a new configuration may take until its plug-ins are well, at least. Source: the same. */
const minHealthyMs = 10_000;
/** How long a server that starts waits for plug-ins, which may start with it. */
const startMs = 60_000;
const retryMs = 1_000;

/** Reads the configuration and connects its plug-ins. Throws UsageError when the file can't be used. */
export async function openEncryption(options: EncryptionOptions): Promise<Encryption> {
  const { path } = options;
  if (path === undefined) return nothing;
  const loaded = usable(path);
  const providers = started(loaded, options);
  await healthy(providers, options, startMs).catch((error: unknown) => {
    options.log.error('KMS plug-ins are not well; what is encrypted by them can be neither read nor written', {
      error,
    });
  });
  return new ReloadingEncryption(path, { providers, hash: loaded.hash }, options);
}

const nothing: Encryption = {
  transformers: { isIdle: true, of: () => identity },
  healthChecks: [],
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

function usable(path: string): LoadedEncryptionConfiguration {
  try {
    return loadEncryptionConfiguration(path);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

function started({ configuration }: LoadedEncryptionConfiguration, context: ProviderContext): EncryptionProviders {
  try {
    return new EncryptionProviders(configuration, context);
  } catch (error) {
    throw new UsageError(`the encryption provider configuration can't be used: ${messageOf(error)}`, { cause: error });
  }
}

/** Waits until all plug-ins are well, or for so long. Rejects with what is wrong then. */
async function healthy(
  providers: EncryptionProviders,
  { clock, signal }: Pick<EncryptionOptions, 'clock' | 'signal'>,
  limitMs: number,
): Promise<void> {
  const end = clock.monotonic() + limitMs;
  for (;;) {
    try {
      return await providers.check();
    } catch (error) {
      if (clock.monotonic() >= end) throw error;
    }
    await clock.sleep(retryMs, signal);
  }
}

interface Current {
  readonly providers: EncryptionProviders;
  readonly hash: string;
}

/** Follows the file: what is in it now holds for the next value, unless it can't be used. */
class ReloadingEncryption implements Encryption {
  readonly transformers: ResourceTransformers = { of: (resource) => this.#current.providers.transformers.of(resource) };
  readonly #path: string;
  readonly #options: EncryptionOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** Configurations that were replaced, while what they began may still be under way. */
  readonly #retiring = new Set<Promise<void>>();
  #current: Current;

  constructor(path: string, current: Current, options: EncryptionOptions) {
    this.#path = path;
    this.#options = options;
    this.#current = current;
    this.#running = options.reloads ? this.#follow() : Promise.resolve();
  }

  get healthChecks(): readonly HealthCheck[] {
    const check = (): void => {
      const { failure } = this.#current.providers;
      if (failure !== undefined) throw new Error(failure);
    };
    return [{ name: 'kms-providers', check }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#retiring);
    await this.#current.providers[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      try {
        await clock.sleep(reloadMs, signal);
      } catch {
        return;
      }
      try {
        await this.#reload();
      } catch (error) {
        if (!signal.aborted)
          log.error('A changed encryption configuration is not used; the last one goes on', {
            path: this.#path,
            error,
          });
      }
    }
  }

  async #reload(): Promise<void> {
    if (fileHash(this.#path) === this.#current.hash) return;
    const loaded = loadEncryptionConfiguration(this.#path);
    if (loaded.hash === this.#current.hash) return;
    const { clock, log } = this.#options;
    const { signal } = this.#stop;
    const providers = started(loaded, this.#options);
    try {
      await healthy(providers, { clock, signal }, Math.max(minHealthyMs, 2 * providers.timeoutMs));
    } catch (error) {
      await providers[Symbol.asyncDispose]();
      throw error;
    }
    const replaced = this.#current.providers;
    this.#current = { providers, hash: loaded.hash };
    log.info('Loaded a changed encryption configuration', { path: this.#path });
    const retired = this.#retire(replaced).finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  async #retire(providers: EncryptionProviders): Promise<void> {
    if (providers.timeoutMs > 0)
      await this.#options.clock.sleep(2 * providers.timeoutMs, this.#stop.signal).catch(() => undefined);
    await providers[Symbol.asyncDispose]();
  }
}

/** The store at a place, with its objects encrypted. */
export function encryptObjects(
  store: Store,
  { encryption, location, clock }: { encryption: Encryption; location: StoreLocation; clock: Clock },
): Store {
  const keys = new EtcdKeys(typeof location === 'object' && 'etcd' in location ? location.etcd.prefix : undefined);
  return encryptedStore(store, {
    resourceOf: resourceOfKey,
    transformers: encryption.transformers,
    // Upstream binds values to their keys in etcd. In a file they are bound to the same, so that they can be moved.
    pathOf: keys.root === registryPrefix ? undefined : (key) => keys.toEtcd(key),
    clock,
  });
}
