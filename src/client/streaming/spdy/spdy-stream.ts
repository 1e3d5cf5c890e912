import { Duplex } from 'node:stream';
import { ReceiveCredit, SendWindow } from './flow-control.ts';
import type { Written } from './frame-writer.ts';
import { resetCode } from './frames.ts';
import type { SpdyHeaders } from './header-codec.ts';

/** What a stream asks of its connection. */
export interface SpdyStreamHost {
  /** How many bytes the stream may send now. */
  allowance(window: SendWindow): number;
  sendData(streamId: number, payload: Buffer, done: Written): void;
  sendFin(streamId: number, done: Written): void;
  sendReset(streamId: number, code: number): void;
  /** The stream's reader has taken `bytes`; `grant` of them go into the stream's own WINDOW_UPDATE. */
  consumed(streamId: number, bytes: number, grant: number): void;
  /** The stream is over in both directions. */
  forget(stream: SpdyStream): void;
}

/** How a stream begins. */
export interface SpdyStreamOptions {
  readonly id: number;
  readonly headers: SpdyHeaders;
  /** Bytes that the peer takes before it must grant more. */
  readonly sendWindow: number;
  /** Bytes that are taken from the peer before more is granted. */
  readonly receiveWindow: number;
}

/** The peer reset the stream. */
export class SpdyStreamReset extends Error {
  override readonly name = 'SpdyStreamReset';
  readonly code: number;

  constructor(streamId: number, code: number) {
    super(`SPDY stream ${streamId} was reset by the peer with code ${code}`);
    this.code = code;
  }
}

/** DATA frames no longer than this keep streams of one session from waiting long for each other. */
const maxDataPayload = 64 * 1024;

/**
 * One stream of a SPDY session. Ending it sends FIN and leaves it readable; destroying it before both sides have ended
 * sends RST_STREAM. When the peer resets it or the session ends, what was received can still be read; then it fails
 * with SpdyStreamReset or the session's error.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  /** The headers of the SYN_STREAM. */
  readonly headers: SpdyHeaders;
  readonly #host: SpdyStreamHost;
  readonly #window: SendWindow;
  readonly #credit: ReceiveCredit;
  readonly #receiveWindow: number;
  #received = 0;
  #credited = 0;
  #blocked: (() => void) | undefined;
  #relief: (() => void) | undefined;
  #remoteEnded = false;
  #finSent = false;
  #failure: Error | undefined;

  constructor(host: SpdyStreamHost, options: SpdyStreamOptions) {
    super({ allowHalfOpen: true });
    this.id = options.id;
    this.headers = options.headers;
    this.#host = host;
    this.#window = new SendWindow(options.sendWindow);
    this.#credit = new ReceiveCredit(options.receiveWindow);
    this.#receiveWindow = options.receiveWindow;
    // A stream may fail when nobody uses it any more; that must not end the process. Users see 'close' and their own errors.
    this.on('error', () => undefined);
  }

  /** The value of a header, the first if there are several. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  }

  /** Whether more is buffered than the peer was told it may send. */
  get overfull(): boolean {
    return !this.destroyed && this.readableLength > this.#receiveWindow;
  }

  /** Resolves when the reader has caught up or the stream is over. */
  relieved(): Promise<void> {
    return this.overfull ? new Promise((resolve) => (this.#relief = resolve)) : Promise.resolve();
  }

  /** @internal DATA has arrived. */
  receive(payload: Buffer): void {
    if (this.#remoteEnded || this.destroyed) return this.#host.consumed(this.id, payload.length, 0);
    this.#received += payload.length;
    this.push(payload);
    this.#account();
  }

  /** @internal The peer sends nothing more. */
  receiveFin(): void {
    if (this.#remoteEnded) return;
    this.#remoteEnded = true;
    if (!this.destroyed) this.push(null);
  }

  /** @internal The peer has reset the stream, or the session has ended: nothing more goes in either direction. */
  fail(error: Error): void {
    if (this.#failure || this.destroyed) return;
    this.#failure = error;
    const open = !this.#remoteEnded;
    this.receiveFin();
    this.#unblock();
    if (this.readableLength > 0) this.once('end', () => this.destroy(error));
    else if (open) this.destroy(error);
    // The peer had already ended its side; a reader still learns of that first.
    else setImmediate(() => this.destroy(this.writableFinished ? undefined : error));
  }

  /** @internal The peer grants `bytes` more. */
  widen(bytes: number): void {
    this.#window.widen(bytes);
  }

  /** @internal Sends on if the window has opened. */
  resumeSending(): void {
    if (this.#host.allowance(this.#window) > 0) this.#unblock();
  }

  override _read(): void {
    // Data is pushed when it arrives. What the reader has taken is counted in `read`, where it has left the buffer.
  }

  override read(size?: number): Buffer | string | null {
    const part: Buffer | string | null = super.read(size);
    this.#account();
    return part;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Written): void {
    // Nobody reads it any more, but what was received may still be wanted: the stream fails when that is read.
    if (this.#failure) return done();
    const allowed = Math.min(this.#host.allowance(this.#window), maxDataPayload);
    if (allowed <= 0) {
      this.#blocked = () => this._write(chunk, _encoding, done);
      return;
    }
    const part = chunk.subarray(0, allowed);
    this.#window.spend(part.length);
    this.#host.sendData(this.id, part, (error) => {
      if (error) done(this.#failure ? undefined : error);
      else if (part.length < chunk.length) this._write(chunk.subarray(part.length), _encoding, done);
      else done();
    });
  }

  override _final(done: Written): void {
    this.#finSent = true;
    if (this.#failure) done();
    else this.#host.sendFin(this.id, (error) => done(this.#failure ? undefined : error));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const over = this.#failure !== undefined || (this.#remoteEnded && this.#finSent);
    if (!over) this.#host.sendReset(this.id, error ? resetCode.internalError : resetCode.cancel);
    const left = this.#received - this.#credited;
    this.#credited = this.#received;
    this.#host.consumed(this.id, left, 0);
    this.#host.forget(this);
    this.#relieve();
    this.#unblock();
    done(error);
  }

  #account(): void {
    if (!this.overfull) this.#relieve();
    const taken = this.#received - this.readableLength - this.#credited;
    if (taken <= 0) return;
    this.#credited += taken;
    this.#host.consumed(this.id, taken, this.#remoteEnded ? 0 : this.#credit.consume(taken));
  }

  #unblock(): void {
    const blocked = this.#blocked;
    this.#blocked = undefined;
    blocked?.();
  }

  #relieve(): void {
    const relief = this.#relief;
    this.#relief = undefined;
    relief?.();
  }
}
