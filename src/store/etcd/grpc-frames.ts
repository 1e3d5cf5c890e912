/** A message as gRPC puts it on a stream: not compressed, its length, itself. Source: gRPC over HTTP/2, Length-Prefixed-Message. */
export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixLength + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixLength);
  return frame;
}

const prefixLength = 5;

/** Takes messages out of the chunks in which a stream arrives. */
export class FrameReader {
  #parts: Buffer[] = [];
  #have = 0;
  /** So many bytes are worth looking at. */
  #need = prefixLength;

  /** The messages that this chunk completes. */
  *read(chunk: Buffer): Generator<Buffer> {
    this.#parts.push(chunk);
    this.#have += chunk.length;
    while (this.#have >= this.#need) {
      const [first = chunk, ...others] = this.#parts;
      let all = others.length === 0 ? first : Buffer.concat(this.#parts);
      if (all[0] !== 0) throw new Error('a message of etcd is compressed, which was not asked for');
      this.#need = prefixLength + all.readUInt32BE(1);
      if (all.length >= this.#need) {
        yield all.subarray(prefixLength, this.#need);
        all = all.subarray(this.#need);
        this.#need = prefixLength;
      }
      this.#parts = all.length > 0 ? [all] : [];
      this.#have = all.length;
    }
  }
}
