/**
 * From CBOR to JSON values, by the rules of Kubernetes: byte strings are texts, tagged ones base64; no duplicate keys, no
 * big numbers, no simple values beside true, false and null. Source: apimachinery's serializer/cbor/internal/modes,
 * RFC 8949.
 */
import { exactIntegerOf } from '../../base/exact-json.ts';
import { StatusError, messageOf } from '../../base/errors.ts';
import { timestamp } from '../../base/clock.ts';

/** The deepest nesting; what comes after walks values recursively. */
const maxDepth = 1000;

/** Decodes one data item, which must be all of `bytes`. Throws StatusError BadRequest. */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    const reader = new CborReader(bytes);
    const value = reader.item(0);
    if (!reader.isAtEnd) throw new Error('extraneous data after the CBOR data item');
    return value;
  } catch (error) {
    throw new StatusError('BadRequest', `unable to determine group/version/kind: cbor: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Decodes a sequence of data items, as the answer to a watch is one. */
export function decodeCborSequence(bytes: Uint8Array): unknown[] {
  const reader = new CborReader(bytes);
  const items: unknown[] = [];
  while (!reader.isAtEnd) items.push(reader.item(0));
  return items;
}

const Major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, other: 7 } as const;

interface Head {
  readonly major: number;
  readonly info: number;
  /** The argument; of indefinite length when undefined. */
  readonly argument: number | undefined;
}

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class CborReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  item(depth: number): unknown {
    if (depth > maxDepth) throw new Error(`exceeded max nested level ${maxDepth}`);
    const start = this.#at;
    const head = this.#head();
    switch (head.major) {
      case Major.unsigned:
        return this.#integer(start, head, 1);
      case Major.negative:
        return this.#integer(start, head, -1);
      case Major.bytes:
        return this.#string(head).toString();
      case Major.text:
        return strictText.decode(this.#string(head));
      case Major.array:
        return this.#array(head, depth);
      case Major.map:
        return this.#map(head, depth);
      case Major.tag:
        return this.#tagged(definite(head), depth);
      default:
        return this.#other(start, head);
    }
  }

  #head(): Head {
    const initial = this.#take(1)[0]!;
    const major = initial >> 5;
    const info = initial & 0x1f;
    if (info < 24) return { major, info, argument: info };
    if (info === 24) return { major, info, argument: this.#take(1)[0]! };
    if (info === 25) return { major, info, argument: this.#take(2).readUInt16BE() };
    if (info === 26) return { major, info, argument: this.#take(4).readUInt32BE() };
    if (info === 27) return { major, info, argument: Number(this.#take(8).readBigUInt64BE()) };
    if (info === 31 && major >= Major.bytes && major !== Major.tag) return { major, info, argument: undefined };
    throw new Error(`invalid additional information ${info} for type ${major}`);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('unexpected EOF');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Integers are of 64 bits with a sign. */
  #integer(start: number, { info, argument = 0 }: Head, sign: 1 | -1): number | bigint {
    if (info === 27 && this.#bytes[start + 1]! >= 0x80) throw new Error('integer overflows int64');
    if (!Number.isSafeInteger(argument)) {
      const exact = this.#bytes.readBigUInt64BE(start + 1);
      return exactIntegerOf(String(sign === 1 ? exact : -1n - exact));
    }
    return sign === 1 ? argument : -1 - argument;
  }

  /** The content of a byte or text string; one of indefinite length comes in chunks. */
  #string({ major, argument }: Head): Buffer {
    if (argument !== undefined) return this.#take(argument);
    const chunks: Buffer[] = [];
    while (!this.#atBreak()) {
      const chunk = this.#head();
      if (chunk.major !== major || chunk.argument === undefined) throw new Error('wrong element in a chunked string');
      chunks.push(this.#take(chunk.argument));
    }
    return Buffer.concat(chunks);
  }

  #atBreak(): boolean {
    if (this.#bytes[this.#at] !== 0xff) return false;
    this.#at++;
    return true;
  }

  /** Calls `read` for each element. */
  #elements(count: number | undefined, read: () => void): void {
    if (count === undefined) while (!this.#atBreak()) read();
    else for (let i = 0; i < count; i++) read();
  }

  #array({ argument }: Head, depth: number): unknown[] {
    const items: unknown[] = [];
    this.#elements(argument, () => items.push(this.item(depth + 1)));
    return items;
  }

  #map({ argument }: Head, depth: number): object {
    const map: Record<string, unknown> = {};
    this.#elements(argument, () => {
      const key = this.#key();
      if (Object.hasOwn(map, key)) throw new Error(`found duplicate map key ${JSON.stringify(key)}`);
      const value = this.item(depth + 1);
      // Plain assignment to this name would set the prototype instead.
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true });
      else map[key] = value;
    });
    return map;
  }

  #key(): string {
    const head = this.#head();
    if (head.major === Major.bytes) return this.#string(head).toString();
    if (head.major === Major.text) return strictText.decode(this.#string(head));
    throw new Error('map keys must be strings');
  }

  #tagged(tag: number, depth: number): unknown {
    if (tag === 2 || tag === 3) throw new Error('bignums are not accepted');
    if (tag in laterEncodings && this.#bytes[this.#at]! >> 5 === Major.bytes) {
      return this.#string(this.#head()).toString(laterEncodings[tag]);
    }
    const content = this.item(depth + 1);
    if (tag === 1) return epochTime(content);
    return content;
  }

  #other(start: number, { info, argument }: Head): unknown {
    if (info >= 25 && info <= 27) return this.#float(start, info);
    if (argument === undefined) throw new Error('unexpected "break" code');
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    throw new Error(`simple value ${argument} is not recognized`);
  }

  #float(start: number, info: number): number {
    const at = start + 1;
    const value =
      info === 25
        ? halfFloat(this.#bytes.readUInt16BE(at))
        : info === 26
          ? this.#bytes.readFloatBE(at)
          : this.#bytes.readDoubleBE(at);
    if (!Number.isFinite(value)) throw new Error('floating-point NaN and infinity are not accepted');
    return value;
  }
}

/** How a byte string is shown as text, by the tag around it. Source: RFC 8949, 3.4.5.2. */
const laterEncodings: Readonly<Record<number, BufferEncoding>> = { 21: 'base64url', 22: 'base64', 23: 'hex' };

function definite({ argument }: Head): number {
  if (argument === undefined) throw new Error('a tag has no length');
  return argument;
}

function epochTime(content: unknown): string {
  if (typeof content !== 'number') throw new Error('the content of tag 1 must be a number');
  return timestamp(content * 1000);
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
