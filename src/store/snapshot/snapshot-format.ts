/** The file format of snapshots, version 1; `README.md` beside this file states it byte by byte. */
import { createHash } from 'node:crypto';

/** The version of the format that is written; older ones are read. */
export const snapshotVersion = 1;

/** What a snapshot says of itself. */
export interface SnapshotHeader {
  /** The revision at which the store was read: all of it, at this one. */
  readonly revision: number;
  /** When that was; RFC 3339. */
  readonly time: string;
  /** Which store it was, such as `sqlite:///var/lib/kubets/store/kubets.db`; for people. */
  readonly store: string;
  /** The UID of the namespace `kube-system`, by which clusters are told apart; absent if it can't be read. */
  readonly cluster?: string | undefined;
  /** The program that wrote it. */
  readonly writer: string;
}

/** One value of a snapshot. */
export interface SnapshotRecord {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision of the write that made the value. */
  readonly revision: number;
  /** Seconds that it had left to live; absent: no end. */
  readonly ttl?: number | undefined;
}

/** What a snapshot ends with. */
export interface SnapshotTrailer {
  readonly count: number;
  /** SHA-256 of everything before it, decompressed; hexadecimal. */
  readonly sha256: string;
}

/** Why a file is no snapshot, or none that can be used. The message says so of "it", for a caller who names the file. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** The first line of the file, which is not compressed, so that people and programs see what it is. */
export function firstLine(version: number = snapshotVersion): string {
  return `kubets snapshot ${version}\n`;
}

/** Reads the version out of the first line; undefined when `start` is too short to tell. Throws SnapshotError. */
export function readFirstLine(start: Buffer): { readonly length: number } | undefined {
  const end = start.subarray(0, longestLine).indexOf('\n');
  const line = start.subarray(0, end < 0 ? longestLine : end).toString('latin1');
  if (end < 0 && start.length < longestLine && 'kubets snapshot '.startsWith(line.slice(0, 16))) return undefined;
  const version = Number(/^kubets snapshot (\d{1,9})$/.exec(line)?.[1] ?? Number.NaN);
  if (end < 0 || Number.isNaN(version) || version === 0) {
    throw new SnapshotError('it is not a snapshot of kubets: those begin with the line "kubets snapshot 1"');
  }
  if (version > snapshotVersion) {
    throw new SnapshotError(
      `it has format ${version}, written by a newer kubets; this one reads formats up to ${snapshotVersion}`,
    );
  }
  return { length: end + 1 };
}

const longestLine = 27;
const endKind = 0;
const valueKind = 1;
/** Kind, length of the key, length of the value, revision, remaining seconds. */
const recordHead = 1 + 4 + 4 + 8 + 4;
/** Kind, count, SHA-256. */
const endLength = 1 + 8 + 32;
/** More than any store takes: a length beyond these is damage. */
const longestKey = 64 * 1024;
const longestValue = 64 * 1024 * 1024;

/** Makes the bytes that are compressed, piece by piece. */
export class SnapshotEncoder {
  readonly #hash = createHash('sha256').update(firstLine());
  #count = 0;

  header(header: SnapshotHeader): Buffer {
    const text = Buffer.from(JSON.stringify(header));
    const bytes = Buffer.allocUnsafe(4 + text.length);
    bytes.writeUInt32BE(text.length, 0);
    bytes.set(text, 4);
    return this.#hashed(bytes);
  }

  records(records: readonly SnapshotRecord[]): Buffer {
    this.#count += records.length;
    const lengths = records.map(({ key, value }) => recordHead + Buffer.byteLength(key) + value.length);
    const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    records.forEach((record, index) => {
      encodeRecord(record, bytes.subarray(at, at + lengths[index]!));
      at += lengths[index]!;
    });
    return this.#hashed(bytes);
  }

  end(): Buffer {
    const bytes = Buffer.alloc(endLength);
    bytes.writeUInt8(endKind, 0);
    bytes.writeBigUInt64BE(BigInt(this.#count), 1);
    bytes.set(this.#hash.update(bytes.subarray(0, 9)).digest(), 9);
    return bytes;
  }

  #hashed(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    return bytes;
  }
}

function encodeRecord({ key, value, revision, ttl = 0 }: SnapshotRecord, bytes: Buffer): void {
  const keyLength = bytes.length - recordHead - value.length;
  bytes.writeUInt8(valueKind, 0);
  bytes.writeUInt32BE(keyLength, 1);
  bytes.writeUInt32BE(value.length, 5);
  bytes.writeBigUInt64BE(BigInt(revision), 9);
  bytes.writeUInt32BE(ttl, 17);
  bytes.write(key, recordHead);
  bytes.set(value, recordHead + keyLength);
}

/** Reads what the encoder made, in chunks of any size. */
export class SnapshotDecoder {
  readonly #hash = createHash('sha256').update(firstLine());
  #rest: Buffer = Buffer.alloc(0);
  #header: SnapshotHeader | undefined;
  #count = 0;
  #trailer: SnapshotTrailer | undefined;

  /** Undefined until enough has been pushed. */
  get header(): SnapshotHeader | undefined {
    return this.#header;
  }

  /** Takes a chunk; the records that are complete with it. Throws SnapshotError. */
  push(chunk: Buffer): SnapshotRecord[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const records: SnapshotRecord[] = [];
    let at = 0;
    for (;;) {
      const length = this.#header ? this.#read(bytes.subarray(at), records) : this.#readHeader(bytes);
      if (length === 0) break;
      at += length;
    }
    this.#rest = bytes.subarray(at);
    return records;
  }

  /** What the snapshot ended with. Throws SnapshotError when it has not. */
  finish(): SnapshotTrailer {
    if (!this.#trailer) throw truncated();
    if (this.#rest.length > 0) throw damaged('something follows its end');
    return this.#trailer;
  }

  #readHeader(bytes: Buffer): number {
    if (bytes.length < 4) return 0;
    const length = bytes.readUInt32BE(0);
    if (length > longestKey) throw damaged('its header is too long');
    if (bytes.length < 4 + length) return 0;
    this.#header = parseHeader(bytes.toString('utf8', 4, 4 + length));
    return this.#consumed(bytes, 4 + length);
  }

  /** The bytes that were read; 0: more are needed. */
  #read(bytes: Buffer, records: SnapshotRecord[]): number {
    if (this.#trailer || bytes.length === 0) return 0;
    const kind = bytes[0];
    if (kind === endKind) return this.#readEnd(bytes);
    if (kind !== valueKind) throw damaged(`after ${this.#count} values, something unknown follows`);
    if (bytes.length < recordHead) return 0;
    const keyEnd = recordHead + bytes.readUInt32BE(1);
    const end = keyEnd + bytes.readUInt32BE(5);
    if (keyEnd > recordHead + longestKey || end > keyEnd + longestValue) {
      throw damaged(`value ${this.#count + 1} is longer than any can be`);
    }
    if (bytes.length < end) return 0;
    const ttl = bytes.readUInt32BE(17);
    records.push({
      key: bytes.toString('utf8', recordHead, keyEnd),
      value: bytes.subarray(keyEnd, end),
      revision: Number(bytes.readBigUInt64BE(9)),
      ...(ttl === 0 ? {} : { ttl }),
    });
    this.#count++;
    return this.#consumed(bytes, end);
  }

  #readEnd(bytes: Buffer): number {
    if (bytes.length < endLength) return 0;
    const count = Number(bytes.readBigUInt64BE(1));
    const sha256 = this.#hash.update(bytes.subarray(0, 9)).digest('hex');
    if (bytes.toString('hex', 9, endLength) !== sha256) throw damaged('its checksum is not that of its contents');
    if (count !== this.#count) throw damaged(`it has ${this.#count} values, and says that it has ${count}`);
    this.#trailer = { count, sha256 };
    return endLength;
  }

  #consumed(bytes: Buffer, length: number): number {
    this.#hash.update(bytes.subarray(0, length));
    return length;
  }
}

function parseHeader(text: string): SnapshotHeader {
  try {
    const header = JSON.parse(text) as SnapshotHeader;
    if (Number.isSafeInteger(header.revision) && header.revision >= 0 && typeof header.time === 'string') return header;
  } catch {
    // Whatever it is, it is none.
  }
  throw damaged('its header can not be read');
}

/** The error for a file that was changed since it was written. */
export function damaged(how: string): SnapshotError {
  return new SnapshotError(`it is damaged: ${how}; use another one`);
}

/** The error for a file that ends too early. */
export function truncated(): SnapshotError {
  return new SnapshotError('it is incomplete: it ends before its checksum; use another one');
}
