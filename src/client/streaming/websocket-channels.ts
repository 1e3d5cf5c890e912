import { Readable, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/** How channels are laid into WebSocket messages. */
export interface ChannelFraming {
  /** Messages are text: a digit for the channel, then base64. Otherwise binary: a byte for the channel, then the payload. */
  readonly base64: boolean;
  /** Channel 255 ends another channel, whose number is its payload (protocol version 5). */
  readonly closeSignal: boolean;
}

const closeChannel = 255;

/** Bytes that may wait in a WebSocket for the network before writers have to wait too. */
const sendBuffer = 1024 * 1024;

/** Bytes that a channel buffers before nothing more is read from the WebSocket. */
const receiveBuffer = 256 * 1024;

/**
 * Several byte streams over one WebSocket, as Kubernetes' *.channel.k8s.io protocols lay them. Channels share the
 * connection: when one is not read, nothing is.
 */
export class WebSocketChannels {
  /** Resolves once the WebSocket is closed. Never rejects. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #framing: ChannelFraming;
  readonly #readers = new Map<number, Readable>();
  readonly #full = new Set<number>();

  /** Takes over `socket`, which must be open and must not have received anything yet that nobody heard. */
  constructor(socket: WebSocket, framing: ChannelFraming) {
    this.#socket = socket;
    this.#framing = framing;
    // 'close' follows and says all there is to know.
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#receive(data));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const reader of this.#readers.values()) reader.push(null);
        this.#readers.clear();
        resolve();
      });
    });
  }

  /** What the peer sends on `channel`. Ends with the WebSocket, or when the peer ends the channel. Ask before awaiting anything. */
  readable(channel: number): Readable {
    const reader = new Readable({
      highWaterMark: receiveBuffer,
      read: () => this.#resume(channel),
      destroy: (error, done) => {
        this.#readers.delete(channel);
        this.#resume(channel);
        done(error);
      },
    });
    reader.on('error', () => undefined);
    this.#readers.set(channel, reader);
    return reader;
  }

  /** Sends on `channel`. Ending it sends the close signal where the protocol has one, and otherwise nothing. */
  writable(channel: number): Writable {
    const writer = new Writable({
      write: (chunk: Buffer, _encoding, done) => this.#send(channel, chunk, done),
      final: (done) => {
        if (this.#framing.closeSignal) this.#send(closeChannel, Buffer.of(channel), done);
        else done();
      },
    });
    writer.on('error', () => undefined);
    void this.closed.then(() => writer.destroy());
    return writer;
  }

  /** Sends one message on `channel`, without waiting. */
  send(channel: number, payload: Buffer): void {
    this.#send(channel, payload, () => undefined);
  }

  /** Ends the WebSocket in order behind everything sent so far, and waits until it is closed (30 s at most). */
  close(code = 1000): Promise<void> {
    // A paused socket would not see the peer's answer; what still comes is dropped.
    for (const reader of this.#readers.values()) reader.destroy();
    this.#socket.resume();
    this.#socket.close(code);
    return this.closed;
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.terminate();
  }

  #send(channel: number, payload: Buffer, done: (error?: Error | null) => void): void {
    const message = this.#framing.base64
      ? String(channel) + payload.toString('base64')
      : Buffer.concat([Buffer.of(channel), payload]);
    const early = this.#socket.bufferedAmount < sendBuffer;
    this.#socket.send(message, (error) => {
      if (!early) done(error);
    });
    if (early) done();
  }

  #receive(data: RawData): void {
    const message = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
    if (message.length === 0) return;
    const first = message[0]!;
    const channel = this.#framing.base64 ? first - 0x30 : first;
    const payload = this.#framing.base64 ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    if (channel === closeChannel && this.#framing.closeSignal) return this.#end(payload[0]);
    const reader = this.#readers.get(channel);
    if (!reader || payload.length === 0 || reader.push(payload)) return;
    this.#full.add(channel);
    this.#socket.pause();
  }

  #end(channel: number | undefined): void {
    if (channel === undefined) return;
    this.#readers.get(channel)?.push(null);
    this.#readers.delete(channel);
    this.#resume(channel);
  }

  #resume(channel: number): void {
    this.#full.delete(channel);
    if (this.#full.size === 0 && this.#socket.isPaused) this.#socket.resume();
  }
}
