import { constants, createDeflate, createInflate } from 'node:zlib';
import type { Deflate, Inflate } from 'node:zlib';
import { spdyDictionary } from './dictionary.ts';
import { SpdyProtocolError } from './frames.ts';

/** The headers of a stream. Names are lower case; a name given more than once has its values in order. */
export type SpdyHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Streams carry a handful of short headers; more is an attack on memory. */
const maxHeaderBytes = 64 * 1024;

/** Compresses header blocks in the one zlib context that a direction of a session has. Calls must not overlap. */
export class HeaderCompressor implements Disposable {
  readonly #zlib: ZlibContext;

  constructor() {
    this.#zlib = new ZlibContext(
      createDeflate({ dictionary: spdyDictionary, level: constants.Z_BEST_COMPRESSION, flush: constants.Z_SYNC_FLUSH }),
    );
  }

  /** The compressed name/value block. Every block must be sent, in the order of the calls: the context depends on it. */
  compress(headers: SpdyHeaders): Promise<Buffer> {
    return this.#zlib.transform(encodeBlock(headers));
  }

  [Symbol.dispose](): void {
    this.#zlib[Symbol.dispose]();
  }
}

/** The reverse of HeaderCompressor, for the other direction. Calls must not overlap. */
export class HeaderDecompressor implements Disposable {
  readonly #zlib = new ZlibContext(createInflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH }));

  /** The headers in a compressed block. Rejects with SpdyProtocolError. */
  async decompress(block: Buffer): Promise<Record<string, string | string[]>> {
    return decodeBlock(await this.#zlib.transform(block));
  }

  [Symbol.dispose](): void {
    this.#zlib[Symbol.dispose]();
  }
}

class ZlibContext implements Disposable {
  readonly #stream: Deflate | Inflate;
  #output: Buffer[] = [];
  #bytes = 0;
  #fail: ((error: Error) => void) | undefined;

  constructor(stream: Deflate | Inflate) {
    this.#stream = stream;
    stream.on('data', (part: Buffer) => this.#collect(part));
    stream.on('error', (error) => this.#fail?.(new SpdyProtocolError('broken header compression', { cause: error })));
  }

  transform(input: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#stream.destroyed) return reject(new SpdyProtocolError('header compression has ended'));
      this.#fail = reject;
      this.#stream.write(input, (error) => {
        if (error) return;
        // Output may still wait in the stream's buffer; reading hands it to the 'data' listener.
        while (this.#stream.read() !== null);
        const output = Buffer.concat(this.#output);
        this.#output = [];
        this.#bytes = 0;
        resolve(output);
      });
    });
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
    this.#fail?.(new SpdyProtocolError('header compression has ended'));
  }

  #collect(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= maxHeaderBytes) this.#output.push(part);
    else this.#stream.destroy(new SpdyProtocolError(`header block exceeds ${maxHeaderBytes} bytes`));
  }
}

function encodeBlock(headers: SpdyHeaders): Buffer {
  const pairs = Object.entries(headers);
  const parts = [uint32(pairs.length)];
  for (const [name, value] of pairs) {
    parts.push(
      ...lengthAndText(name.toLowerCase()),
      ...lengthAndText(typeof value === 'string' ? value : value.join('\0')),
    );
  }
  return Buffer.concat(parts);
}

function lengthAndText(text: string): [Buffer, Buffer] {
  const bytes = Buffer.from(text, 'utf8');
  return [uint32(bytes.length), bytes];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function decodeBlock(block: Buffer): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null);
  let at = 0;
  const number = (): number => {
    if (at + 4 > block.length) throw new SpdyProtocolError('header block is too short');
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > block.length) throw new SpdyProtocolError('header block is too short');
    at += length;
    return block.toString('utf8', at - length, at);
  };
  for (let left = number(); left > 0; left--) {
    const name = text();
    const values = text().split('\0');
    if (name === '' || name !== name.toLowerCase() || name in headers) {
      throw new SpdyProtocolError(`invalid header name ${JSON.stringify(name)}`);
    }
    headers[name] = values.length === 1 ? values[0]! : values;
  }
  return headers;
}
