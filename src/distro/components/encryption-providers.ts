import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { aesCbc } from '../../store/encryption/aes-cbc.ts';
import { aesGcm } from '../../store/encryption/aes-gcm.ts';
import { identity } from '../../store/encryption/identity.ts';
import { connectKmsPlugin } from '../../store/encryption/kms/kms-plugin.ts';
import { KmsProvider } from '../../store/encryption/kms/kms-provider.ts';
import { prefixed } from '../../store/encryption/prefixed.ts';
import type { PrefixedTransformer } from '../../store/encryption/prefixed.ts';
import { resourceTransformers } from '../../store/encryption/resource-transformers.ts';
import type { ResourceTransformers, TransformerRule } from '../../store/encryption/resource-transformers.ts';
import { secretbox } from '../../store/encryption/secretbox.ts';
import type { ValueTransformer } from '../../store/encryption/value-transformer.ts';
import type { EncryptionConfiguration, EncryptionProvider, KmsConfiguration } from './encryption-configuration.ts';

/** What providers work with. */
export interface ProviderContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A configuration at work: keys in memory, plug-ins connected and asked how they are until it is disposed. */
export class EncryptionProviders implements AsyncDisposable {
  readonly transformers: ResourceTransformers;
  /** How long the plug-ins may take all together to answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly #plugins: readonly KmsProvider[];
  readonly #connections = new DisposableStack();
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  /** Throws when a rule of the configuration can never apply. */
  constructor({ resources }: EncryptionConfiguration, context: ProviderContext) {
    const plugins: KmsProvider[] = [];
    const kmsOf = (kms: KmsConfiguration): PrefixedTransformer => {
      const plugin = this.#connections.use(
        connectKmsPlugin({ endpoint: kms.endpoint, timeoutMs: parseDuration(kms.timeout) }),
      );
      const provider = new KmsProvider({ name: kms.name, plugin, ...context });
      plugins.push(provider);
      return { prefix: `k8s:enc:kms:v2:${kms.name}:`, transformer: provider.transformer };
    };
    const rules = resources.map((rule): TransformerRule => {
      const [first, ...others] = rule.providers.map((provider) => transformerOf(provider, kmsOf));
      return { resources: rule.resources, transformers: [first!, ...others] };
    });
    try {
      this.transformers = resourceTransformers(rules);
    } catch (error) {
      this.#connections.dispose();
      throw error;
    }
    this.timeoutMs = resources
      .flatMap(({ providers }) => providers)
      .reduce((sum, { kms }) => sum + (kms ? parseDuration(kms.timeout) : 0), 0);
    this.#plugins = plugins;
    this.#running = Promise.all(plugins.map((plugin) => plugin.run(this.#stop.signal)));
  }

  /** What is wrong with plug-ins as far as that is known; what is known is renewed in the background. */
  get failure(): string | undefined {
    return joined(this.#plugins.map(({ failure }) => failure));
  }

  /** Resolves once every plug-in is well; rejects with what is wrong. */
  async check(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#plugins.map((plugin) => plugin.check()));
    const failure = joined(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined)));
    if (failure !== undefined) throw new Error(failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#connections.dispose();
    await this.#running;
  }
}

function joined(failures: readonly unknown[]): string | undefined {
  const messages = failures.filter((failure) => failure !== undefined).map(messageOf);
  return messages.length === 0 ? undefined : messages.join(', ');
}

function transformerOf(
  { aescbc, aesgcm, secretbox: box, kms }: EncryptionProvider,
  kmsOf: (kms: KmsConfiguration) => PrefixedTransformer,
): PrefixedTransformer {
  if (kms) return kmsOf(kms);
  if (aesgcm) return keyed({ scheme: 'aesgcm', ...aesgcm, cipher: aesGcm, provider: 'AES' });
  if (aescbc) return keyed({ scheme: 'aescbc', ...aescbc, cipher: aesCbc, provider: 'AES' });
  if (box) return keyed({ scheme: 'secretbox', ...box, cipher: secretbox, provider: 'Secretbox' });
  return { prefix: '', transformer: identity };
}

interface KeyedProvider {
  readonly scheme: string;
  readonly keys: readonly { readonly name: string; readonly secret: string }[];
  readonly provider: string;
  cipher(key: Uint8Array): ValueTransformer;
}

/** The first key writes, all of them read; each value names its key. */
function keyed({ scheme, keys, provider, cipher }: KeyedProvider): PrefixedTransformer {
  const [first, ...others] = keys.map(({ name, secret }) => ({
    prefix: `${name}:`,
    transformer: cipher(Buffer.from(secret, 'base64')),
  }));
  const unmatched = `no matching key was found for the provided ${provider} transformer`;
  return { prefix: `k8s:enc:${scheme}:v1:`, transformer: prefixed([first!, ...others], unmatched) };
}
