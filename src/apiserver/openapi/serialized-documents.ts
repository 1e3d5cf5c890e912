/** Documents as bytes: built when asked for, forgotten when nobody has asked for a while. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';

const compress = promisify(gzip);

/** A document in one format. */
export interface SerializedDocument {
  readonly bytes: Buffer;
  /** SHA-512 in upper-case hexadecimal digits: the ETag, and the hash in the index. */
  readonly hash: string;
  /** The bytes compressed; made once. */
  gzip(): Promise<Buffer>;
}

/** Serializes bytes. */
export function serializedDocument(content: string | Uint8Array): SerializedDocument {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  let packed: Promise<Buffer> | undefined;
  return {
    bytes,
    hash: createHash('sha512').update(bytes).digest('hex').toUpperCase(),
    gzip: () => (packed ??= compress(bytes, { level: 6 })),
  };
}

/** After this time without a question the memory is given back; hashes are kept. */
const idleMs = 5 * 60_000;

/** Keeps something big for as long as it is used. */
export class UsedLately<T> {
  readonly #clock: Clock | undefined;
  #value: T | undefined;
  #timer: Disposable | undefined;

  /** Without a clock it is kept for good. */
  constructor(clock: Clock | undefined) {
    this.#clock = clock;
  }

  /** The value, made anew if it has been forgotten. */
  get(make: () => T): T {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock?.after(idleMs, () => this.forget());
    return (this.#value ??= make());
  }

  /** Lets go of the value. */
  forget(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#value = undefined;
  }
}
