import { messageOf } from '../../base/errors.ts';
import { TransformError } from './value-transformer.ts';
import type { OpenedValue, ValueTransformer } from './value-transformer.ts';

/** A transformer of the values that begin with its prefix; empty: of those that no other one knows. */
export interface PrefixedTransformer {
  readonly prefix: string;
  readonly transformer: ValueTransformer;
}

interface Choice {
  readonly prefix: Buffer;
  readonly transformer: ValueTransformer;
}

/**
 * Writes with the first transformer and reads with the first one that can: several may have one prefix, of which only one
 * has the right key. What another one than the first has read is stale. `unmatched`: the error when no prefix fits.
 * Source: apiserver's storage/value.NewPrefixTransformers.
 */
export function prefixed(
  transformers: readonly [PrefixedTransformer, ...PrefixedTransformer[]],
  unmatched: string,
): ValueTransformer {
  const choices = transformers.map(({ prefix, transformer }) => ({ prefix: Buffer.from(prefix), transformer }));
  const [first] = choices as [Choice];
  return {
    seal(value, path) {
      const parts = first.transformer.seal(value, path);
      return first.prefix.length === 0 ? parts : [first.prefix, ...parts];
    },
    open: (stored, path) => new Opening({ choices, unmatched, stored, path }).from(0),
  };
}

interface OpeningOptions {
  readonly choices: readonly Choice[];
  readonly unmatched: string;
  readonly stored: Uint8Array;
  readonly path: string;
}

/** One value on its way through the transformers. */
class Opening {
  readonly #options: OpeningOptions;
  readonly #failures: unknown[] = [];

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  from(start: number): OpenedValue | Promise<OpenedValue> {
    const { choices, stored, path } = this.#options;
    for (let index = start; index < choices.length; index++) {
      const { prefix, transformer } = choices[index]!;
      if (!startsWith(stored, prefix)) continue;
      try {
        const opened = transformer.open(prefix.length === 0 ? stored : stored.subarray(prefix.length), path);
        if (opened instanceof Promise) return this.#later(opened, index);
        return staleUnlessFirst(opened, index);
      } catch (error) {
        this.#failed(error, prefix);
      }
    }
    throw this.#failure();
  }

  async #later(opening: Promise<OpenedValue>, index: number): Promise<OpenedValue> {
    try {
      return staleUnlessFirst(await opening, index);
    } catch (error) {
      this.#failed(error, this.#options.choices[index]!.prefix);
      return this.from(index + 1);
    }
  }

  /** That `identity` can't read what is encrypted says nothing of why the others can't. */
  #failed(error: unknown, prefix: Uint8Array): void {
    if (prefix.length > 0) this.#failures.push(error);
  }

  #failure(): Error {
    const [only, ...others] = this.#failures;
    if (only === undefined) return new TransformError(this.#options.unmatched);
    if (others.length === 0 && only instanceof Error) return only;
    const messages = [...new Set(this.#failures.map(messageOf))];
    const isTransient = this.#failures.some((error) => error instanceof TransformError && error.isTransient);
    const message = messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`;
    return new TransformError(message, { isTransient, cause: only });
  }
}

function staleUnlessFirst(opened: OpenedValue, index: number): OpenedValue {
  return index === 0 || opened.isStale ? opened : { value: opened.value, isStale: true };
}

function startsWith(stored: Uint8Array, prefix: Uint8Array): boolean {
  if (stored.length < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) if (stored[at] !== prefix[at]) return false;
  return true;
}
