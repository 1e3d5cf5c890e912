import type { Clock } from '../base/clock.ts';
import type { RecordTtl } from './record-ttls.ts';
import { recordTtls } from './record-ttls.ts';

/** Bounds of an `AnswerCache`. */
export interface AnswerCacheOptions {
  /** Messages kept at most; the least recently used go first. */
  readonly size: number;
  /** Seconds for which an answer is kept at most, whatever its TTL. */
  readonly maxTtl: number;
  /** The same of answers that something does not exist. */
  readonly maxNegativeTtl: number;
  readonly clock: Clock;
}

interface Entry {
  readonly message: Buffer;
  readonly ttls: readonly RecordTtl[];
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** Other servers' answers, for as long as they hold. */
export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  /** In order of use, the oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
  }

  /** How many messages are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** The answer to `key` with what is left of its TTLs. */
  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    const now = this.#options.clock.monotonic();
    if (now >= entry.expiresAt) return undefined;
    this.#entries.set(key, entry);
    const message = Buffer.from(entry.message);
    const passed = Math.floor((now - entry.storedAt) / 1000);
    for (const { offset, seconds } of entry.ttls) message.writeUInt32BE(Math.max(0, seconds - passed), offset);
    return message;
  }

  /** Keeps an answer, if it is one that may be kept: whole, and about the existence of something. */
  set(key: string, message: Buffer): void {
    const seconds = this.#lifetime(message);
    if (seconds <= 0) return;
    const now = this.#options.clock.monotonic();
    this.#entries.delete(key);
    this.#entries.set(key, {
      message: Buffer.from(message),
      ttls: recordTtls(message),
      storedAt: now,
      expiresAt: now + seconds * 1000,
    });
    if (this.#entries.size > this.#options.size) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
  }

  #lifetime(message: Buffer): number {
    const isTruncated = (message.readUInt8(2) & 2) !== 0;
    const rcode = message.readUInt8(3) & 15;
    if (isTruncated || (rcode !== 0 && rcode !== 3)) return 0;
    const ttls = readTtls(message);
    if (ttls === undefined) return 0;
    const isNegative = rcode === 3 || message.readUInt16BE(6) === 0;
    const limit = isNegative ? this.#options.maxNegativeTtl : this.#options.maxTtl;
    // Without any record nothing says how long: a denial without SOA is not kept. Source: RFC 2308, 5.
    return ttls.length === 0 ? 0 : Math.min(limit, ...ttls.map((ttl) => ttl.seconds));
  }
}

function readTtls(message: Buffer): readonly RecordTtl[] | undefined {
  try {
    return recordTtls(message);
  } catch {
    return undefined;
  }
}
