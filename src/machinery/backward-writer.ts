/** Scratch space that all encoding shares: encoding is synchronous and never nested. */
let scratch = Buffer.allocUnsafe(64 * 1024);

/** Scratch space larger than this is not kept once it was needed. */
const keptScratch = 4 * 1024 * 1024;

/** Shorter texts are copied faster by hand than by a call into the runtime. */
const shortText = 40;

/**
 * Writes binary formats from the end to the beginning, as upstream's generated marshalers do: the length of a message, or
 * the number of a map's members, is known when its head is written, without measuring it first. Only one writer may be in
 * use at a time.
 */
export class BackwardWriter {
  #buffer = scratch;
  #at = scratch.length;

  /** Where the next byte goes; the difference of two positions is a length. */
  get position(): number {
    return this.#buffer.length - this.#at;
  }

  /** What was written, copied out. The writer is not used after that. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#at));
  }

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[--this.#at] = value;
  }

  /** An unsigned number of so many bytes, the most significant first. */
  uint(value: number, bytes: 2 | 4): void {
    this.#reserve(bytes);
    this.#at -= bytes;
    this.#buffer.writeUIntBE(value, this.#at, bytes);
  }

  /** A varint of at most 53 bits, or of 64 if negative. */
  varint(value: number): void {
    this.#reserve(10);
    if (value >= 0 && value < 0x80) this.#buffer[--this.#at] = value;
    else if (value >= 0 && value < 0x10000000) this.#varint28(value);
    else this.#varint64(BigInt.asUintN(64, BigInt(value)));
  }

  #varint28(value: number): void {
    let at = this.#at;
    if (value >= 0x200000) {
      this.#buffer[--at] = value >>> 21;
      this.#buffer[--at] = ((value >>> 14) & 0x7f) | 0x80;
      this.#buffer[--at] = ((value >>> 7) & 0x7f) | 0x80;
    } else if (value >= 0x4000) {
      this.#buffer[--at] = value >>> 14;
      this.#buffer[--at] = ((value >>> 7) & 0x7f) | 0x80;
    } else this.#buffer[--at] = value >>> 7;
    this.#buffer[--at] = (value & 0x7f) | 0x80;
    this.#at = at;
  }

  #varint64(value: bigint): void {
    const groups: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      groups.push(Number(rest & 0x7fn));
      if (rest < 0x80n) break;
    }
    for (let i = groups.length - 1; i >= 0; i--) {
      this.#buffer[--this.#at] = i === groups.length - 1 ? groups[i]! : groups[i]! | 0x80;
    }
  }

  /** The head of a field whose value stands behind it already. */
  tag(tag: number): void {
    this.varint(tag);
  }

  /** The head of a length-delimited field: everything written since `end`. */
  delimit(tag: number, end: number): void {
    this.varint(this.position - end);
    this.varint(tag);
  }

  /** UTF-8 without a length. */
  text(value: string): void {
    const { length } = value;
    this.#reserve(length * 3);
    if (length < shortText && this.#ascii(value, length)) return;
    const bytes = Buffer.byteLength(value);
    this.#at -= bytes;
    this.#buffer.write(value, this.#at);
  }

  #ascii(value: string, length: number): boolean {
    let at = this.#at;
    for (let i = length - 1; i >= 0; i--) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#buffer[--at] = code;
    }
    this.#at = at;
    return true;
  }

  /** Base64 text as the bytes that it stands for. */
  base64(value: string): void {
    const length = Buffer.byteLength(value, 'base64');
    this.#reserve(length);
    this.#at -= length;
    this.#buffer.write(value, this.#at, 'base64');
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
  }

  /** Eight bytes. */
  double(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
  }

  #reserve(bytes: number): void {
    if (bytes > this.#at) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const written = this.#buffer.subarray(this.#at);
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, written.length + bytes));
    this.#at = grown.length - written.length;
    grown.set(written, this.#at);
    this.#buffer = grown;
    if (grown.length <= keptScratch) scratch = grown;
  }
}
