import { endsStream, frameHeaderBytes, readControl, readHeader, SpdyProtocolError } from './frames.ts';
import type { FrameHeader, SpdyFrame } from './frames.ts';

/** Control frames carry a few headers; a longer one is an attack or no SPDY at all. */
const maxControlPayload = 256 * 1024;

/**
 * Cuts a byte stream into frames. A DATA frame comes out in as many parts as it arrived in, without being copied;
 * only the last part carries `fin`.
 */
export class SpdyFrameParser {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #data: { header: FrameHeader; left: number } | undefined;

  /** The frames that `chunk` completes. Throws SpdyProtocolError; the parser is of no use afterwards. */
  *push(chunk: Buffer): Generator<SpdyFrame, void, undefined> {
    let rest = chunk;
    while (rest.length > 0 || this.#data?.left === 0) {
      if (this.#data) {
        const part = rest.subarray(0, this.#data.left);
        rest = rest.subarray(part.length);
        yield this.#dataPart(this.#data, part);
        continue;
      }
      const need = this.#needed();
      const part = rest.subarray(0, need - this.#pendingBytes);
      rest = rest.subarray(part.length);
      this.#pending.push(part);
      this.#pendingBytes += part.length;
      if (this.#pendingBytes === this.#needed()) {
        const frame = this.#complete();
        if (frame) yield frame;
      }
    }
  }

  #header: FrameHeader | undefined;

  #needed(): number {
    return frameHeaderBytes + (this.#header?.length ?? 0);
  }

  #complete(): SpdyFrame | undefined {
    const bytes = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    const header = this.#header ?? readHeader(bytes);
    if (!header.control) {
      if (header.typeOrStream === 0) throw new SpdyProtocolError('data for stream 0');
      this.#reset();
      this.#data = { header, left: header.length };
      return undefined;
    }
    if (header.length > maxControlPayload) throw new SpdyProtocolError(`control frame of ${header.length} bytes`);
    if (!this.#header && header.length > 0) {
      this.#header = header;
      this.#pending = [bytes];
      return undefined;
    }
    this.#reset();
    return readControl(header, bytes.subarray(frameHeaderBytes));
  }

  #reset(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#header = undefined;
  }

  #dataPart(data: { header: FrameHeader; left: number }, payload: Buffer): SpdyFrame {
    data.left -= payload.length;
    const last = data.left === 0;
    if (last) this.#data = undefined;
    return { type: 'data', streamId: data.header.typeOrStream, payload, fin: last && endsStream(data.header.flags) };
  }
}
