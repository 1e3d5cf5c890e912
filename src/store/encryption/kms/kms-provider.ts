import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import { TransformError } from '../value-transformer.ts';
import { KmsEnvelope, WriteKey } from './kms-envelope.ts';
import type { KmsPlugin, KmsStatus } from './kms-plugin.ts';

/** What a `KmsProvider` is made of. */
export interface KmsProviderOptions {
  /** As the configuration calls it. */
  readonly name: string;
  readonly plugin: KmsPlugin;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * How often a plug-in is asked how it is, while it is well and while it is not; how long what it said is believed; and how
 * long the last key may write while the plug-in is gone: long enough for some attempts, short enough that after a
 * rotation nothing is written with the old key. Source: apiserver's server/options/encryptionconfig.
 */
export const kmsTimes = {
  pollMs: 60_000,
  retryMs: 10_000,
  believedMs: 20_000,
  doubtedMs: 3_000,
  writableMs: 180_000,
} as const;

/** Length of the seeds, as long as the keys derived from them. */
const seedBytes = 32;

/** A plug-in, the key by which it lets values be written now, and the keys by which they were written. */
export class KmsProvider {
  readonly transformer: KmsEnvelope;
  readonly #options: KmsProviderOptions;
  #checking: Promise<void> | undefined;
  #last: { readonly failure: Error | undefined; readonly at: number } | undefined;
  #version: string | undefined;

  constructor(options: KmsProviderOptions) {
    this.#options = options;
    this.transformer = new KmsEnvelope(options);
  }

  /** What the last check has found; with none yet, or an old one, another is begun. */
  get failure(): Error | undefined {
    if (!this.#isBelieved()) this.check().catch(() => undefined);
    return this.#last ? this.#last.failure : new Error(`the KMS plug-in ${this.#options.name} has not been asked yet`);
  }

  /** Asks the plug-in how it is, unless it was asked just before, and takes its new key if it has one. Rejects when it is not well. */
  async check(): Promise<void> {
    if (this.#isBelieved()) {
      if (this.#last?.failure) throw this.#last.failure;
      return;
    }
    this.#checking ??= this.#ask().finally(() => (this.#checking = undefined));
    await this.#checking;
  }

  /** Checks again and again, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, name } = this.#options;
    while (!signal.aborted) {
      let ms: number = kmsTimes.pollMs;
      try {
        await this.check();
      } catch (error) {
        if (!signal.aborted) log.error('A KMS plug-in is not well', { name, error });
        ms = kmsTimes.retryMs;
      }
      await clock.sleep(ms, signal).catch(() => undefined);
    }
  }

  #isBelieved(): boolean {
    if (!this.#last) return false;
    const age = this.#options.clock.monotonic() - this.#last.at;
    return age < (this.#last.failure ? kmsTimes.doubtedMs : kmsTimes.believedMs);
  }

  async #ask(): Promise<void> {
    const { name, plugin, clock } = this.#options;
    let failure: Error | undefined;
    // Counted from before the question, so that a key never writes longer than it may.
    const asked = clock.monotonic();
    try {
      const status = await plugin.status().catch((cause: unknown) => {
        const text = `failed to perform status section of the healthz check for KMS Provider ${name}`;
        throw new TransformError(`${text}, error: ${messageOf(cause)}`, { isTransient: true, cause });
      });
      const faults = await this.#faultsOf(status, asked + kmsTimes.writableMs);
      if (faults.length > 0) {
        const text = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
        failure = new TransformError(`kmsv2 Provider ${name} is not healthy, error: ${text}`, { isTransient: true });
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#last = { failure, at: clock.monotonic() };
    if (failure) throw failure;
  }

  async #faultsOf({ version, healthz, keyId }: KmsStatus, writableUntil: number): Promise<readonly string[]> {
    const faults: string[] = [];
    if (healthz !== 'ok') faults.push(`got unexpected healthz status: ${healthz}`);
    if (version !== 'v2' && version !== 'v2beta1') faults.push(`expected KMSv2 API version v2, got ${version}`);
    else if (version !== (this.#version ??= version)) {
      const text = 'KMSv2 API version should not change after the initial status response version';
      faults.push(`${text} ${this.#version}, got ${version}`);
    }
    try {
      await this.#takeKey(keyId, writableUntil);
    } catch (error) {
      faults.push(messageOf(error));
    }
    return faults;
  }

  /** Keeps on writing with the present key if the plug-in still has its own, and makes a new one otherwise. */
  async #takeKey(keyId: string, writableUntil: number): Promise<void> {
    const { plugin, random, log, name } = this.#options;
    const { writeKey } = this.transformer;
    if (writeKey && writeKey.keyId === keyId) {
      writeKey.writableUntil = writableUntil;
      return;
    }
    const seed = randomBytes(seedBytes);
    const wrapped = await plugin.encrypt(seed, random.uuid());
    if (wrapped.keyId !== keyId) {
      const text = `its status says key ${hashOf(keyId)}, but it encrypts with ${hashOf(wrapped.keyId)}`;
      throw new TransformError(`failed to rotate DEK: ${text}`, { isTransient: true });
    }
    this.transformer.write(new WriteKey({ seed, wrapped, writableUntil }));
    log.info('A KMS plug-in has a new key', { name, keyIdHash: hashOf(keyId) });
  }
}

/** The id of a key as logs may show it. */
export function hashOf(keyId: string): string {
  return keyId === '' ? '""' : `sha256:${createHash('sha256').update(keyId).digest('hex')}`;
}
