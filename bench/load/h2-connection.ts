/** An HTTP/2 client that does little else than count, so that a benchmark measures the server. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import {
  frame,
  frameFlag,
  frameHeaderLength,
  frameType,
  headerBlock,
  settingsPayload,
  statusOf,
  windowUpdate,
} from './h2-frames.ts';

/** A request; paths may have a query. */
export interface LoadRequest {
  readonly method?: string | undefined;
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What came back; of the body only the length. */
export interface LoadAnswer {
  readonly status: number;
  readonly bytes: number;
}

interface OpenStream {
  status: number;
  bytes: number;
  /** Bytes that were read and not yet allowed again. */
  unacknowledged: number;
  readonly opened: (() => void) | undefined;
  readonly data: ((chunk: Buffer) => void) | undefined;
  readonly resolve: (answer: LoadAnswer) => void;
  readonly reject: (error: Error) => void;
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** Bytes that each stream may be sent ahead of what was read, as Go's client allows, and a connection sixteen times over. */
const window = 4 * 1024 * 1024;
const settings = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;

/** One connection, over TLS. */
export class H2Connection implements Disposable {
  readonly #socket: TLSSocket;
  readonly #always: readonly (readonly [string, string])[];
  readonly #streams = new Map<number, OpenStream>();
  #nextStream = 1;
  #out: Buffer[] = [];
  /** Bytes that may still be sent, and bodies that wait for more. */
  #sendWindow = 65_535;
  #held: Buffer[] = [];
  #unacknowledged = 0;
  /** The header of the frame being read, or as much of it as has come. */
  #header = Buffer.alloc(frameHeaderLength);
  #headerRead = 0;
  /** Bytes of the payload still to come, and what has come of payloads that are needed whole. */
  #remaining = 0;
  #payload: Buffer[] = [];

  private constructor(socket: TLSSocket, headers: Readonly<Record<string, string>>) {
    this.#socket = socket;
    this.#always = [[':scheme', 'https'], [':authority', 'bench'], ...Object.entries(headers)];
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server has closed the connection')));
    this.#send(preface);
    const wanted = [
      [settings.headerTableSize, 0],
      [settings.enablePush, 0],
      [settings.initialWindowSize, window],
    ] as const;
    this.#send(frame(frameType.settings, { payload: settingsPayload(wanted) }));
    this.#send(windowUpdate(0, 16 * window));
  }

  /** Connects; `headers` go with every request. */
  static async open(url: string, tls: ConnectionOptions, headers = {}): Promise<H2Connection> {
    const { hostname: host, port } = new URL(url);
    let opened: H2Connection | undefined;
    const early: Buffer[] = [];
    const buffer = Buffer.alloc(64 * 1024);
    // Always the same memory: with a buffer for every read, this process would be the busier one of the two.
    const onread = {
      buffer,
      callback(length: number): boolean {
        const chunk = buffer.subarray(0, length);
        if (opened) opened.#read(chunk);
        else early.push(Buffer.from(chunk));
        return true;
      },
    };
    const options = { host, port: Number(port || 443), ALPNProtocols: ['h2'], onread, ...tls };
    const socket = connect(options);
    await once(socket, 'secureConnect');
    if (socket.alpnProtocol !== 'h2') throw new Error(`${url} does not speak HTTP/2`);
    socket.setNoDelay(true);
    opened = new H2Connection(socket, headers);
    for (const chunk of early) opened.#read(chunk);
    return opened;
  }

  /** Sends a request; resolves when the whole answer has come. Rejects for statuses from 400 on. */
  request(request: LoadRequest): Promise<LoadAnswer> {
    return new Promise((resolve, reject) => {
      const done = (answer: LoadAnswer): void => {
        if (answer.status < 400) resolve(answer);
        else reject(new Error(`${request.method ?? 'GET'} ${request.path}: ${answer.status}`));
      };
      this.#begin(request, {
        status: 0,
        bytes: 0,
        unacknowledged: 0,
        opened: undefined,
        data: undefined,
        resolve: done,
        reject,
      });
    });
  }

  /** Begins a request whose answer goes on; resolves once its headers have come. What `data` gets is only good until it returns. */
  async stream(path: string, data: (chunk: Buffer) => void): Promise<Disposable> {
    let id = 0;
    await new Promise<void>((opened, reject) => {
      const resolve = ({ status }: LoadAnswer): void => reject(new Error(`${path}: ended with ${status}`));
      id = this.#begin({ path }, { status: 0, bytes: 0, unacknowledged: 0, opened, data, resolve, reject });
    });
    return {
      [Symbol.dispose]: () => {
        if (this.#streams.delete(id))
          this.#send(frame(frameType.resetStream, { stream: id, payload: Buffer.of(0, 0, 0, 8) }));
      },
    };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #begin({ method = 'GET', path, body, headers = {} }: LoadRequest, stream: OpenStream): number {
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.#streams.set(id, stream);
    const payload = body === undefined ? undefined : Buffer.from(body);
    const length: [string, string][] = payload ? [['content-length', String(payload.length)]] : [];
    const own = [...this.#always, ...length, ...Object.entries(headers)];
    const block = headerBlock([[':method', method], [':path', path], ...own]);
    const end = payload ? 0 : frameFlag.endStream;
    this.#send(frame(frameType.headers, { flags: frameFlag.endHeaders | end, stream: id, payload: block }));
    if (payload) this.#sendBody(frame(frameType.data, { flags: frameFlag.endStream, stream: id, payload }));
    return id;
  }

  /** A body of one frame; the window of a single stream is larger than any body here. */
  #sendBody(bytes: Buffer): void {
    const length = bytes.length - frameHeaderLength;
    if (this.#held.length > 0 || length > this.#sendWindow) {
      this.#held.push(bytes);
      return;
    }
    this.#sendWindow -= length;
    this.#send(bytes);
  }

  #send(bytes: Buffer): void {
    this.#out.push(bytes);
    if (this.#out.length > 1) return;
    process.nextTick(() => {
      const out = this.#out;
      this.#out = [];
      this.#socket.write(out.length === 1 ? out[0]! : Buffer.concat(out));
    });
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerRead < frameHeaderLength) {
        const taken = Math.min(frameHeaderLength - this.#headerRead, chunk.length - at);
        chunk.copy(this.#header, this.#headerRead, at, at + taken);
        this.#headerRead += taken;
        at += taken;
        if (this.#headerRead < frameHeaderLength) return;
        this.#remaining = this.#header.readUIntBE(0, 3);
      }
      const taken = Math.min(this.#remaining, chunk.length - at);
      if (taken > 0) this.#take(chunk.subarray(at, at + taken));
      at += taken;
      this.#remaining -= taken;
      if (this.#remaining === 0) this.#endFrame();
    }
  }

  #take(part: Buffer): void {
    if (this.#header[3] !== frameType.data) {
      this.#payload.push(Buffer.from(part));
      return;
    }
    const stream = this.#streams.get(this.#streamId());
    if (stream) {
      stream.bytes += part.length;
      stream.unacknowledged += part.length;
      stream.data?.(part);
      if (stream.unacknowledged >= window / 2) {
        this.#send(windowUpdate(this.#streamId(), stream.unacknowledged));
        stream.unacknowledged = 0;
      }
    }
    this.#unacknowledged += part.length;
    if (this.#unacknowledged < window) return;
    this.#send(windowUpdate(0, this.#unacknowledged));
    this.#unacknowledged = 0;
  }

  #endFrame(): void {
    const payload = this.#payload.length === 1 ? this.#payload[0]! : Buffer.concat(this.#payload);
    this.#payload = [];
    this.#headerRead = 0;
    const flags = this.#header[4]!;
    switch (this.#header[3]) {
      case frameType.headers:
        this.#headers(payload);
        if (flags & frameFlag.endStream) this.#end();
        return;
      case frameType.data:
        if (flags & frameFlag.endStream) this.#end();
        return;
      case frameType.settings:
        if (!(flags & frameFlag.ack)) this.#send(frame(frameType.settings, { flags: frameFlag.ack }));
        return;
      case frameType.ping:
        if (!(flags & frameFlag.ack)) this.#send(frame(frameType.ping, { flags: frameFlag.ack, payload }));
        return;
      case frameType.windowUpdate:
        this.#allow(payload);
        return;
      case frameType.resetStream:
        this.#drop(new Error(`the server has reset a stream: code ${payload.readUInt32BE(0)}`));
        return;
      case frameType.goAway:
        this.#fail(new Error(`the server sends the client away: ${payload.toString('latin1', 8)}`));
    }
  }

  #streamId(): number {
    return this.#header.readUInt32BE(5) & 0x7f_ff_ff_ff;
  }

  #headers(block: Buffer): void {
    const stream = this.#streams.get(this.#streamId());
    // Trailers have no status.
    if (!stream || stream.status !== 0) return;
    stream.status = statusOf(block);
    if (stream.status < 400) stream.opened?.();
  }

  #end(): void {
    const id = this.#streamId();
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.resolve(stream);
  }

  #drop(error: Error): void {
    const id = this.#streamId();
    this.#streams.get(id)?.reject(error);
    this.#streams.delete(id);
  }

  #allow(payload: Buffer): void {
    if (this.#streamId() !== 0) return;
    this.#sendWindow += payload.readUInt32BE(0);
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) this.#sendBody(bytes);
  }

  #fail(error: Error): void {
    for (const stream of this.#streams.values()) stream.reject(error);
    this.#streams.clear();
  }
}
