import type { Duplex } from 'node:stream';
import { HeaderCompressor } from './header-codec.ts';
import type { SpdyHeaders } from './header-codec.ts';

/** Called once the bytes may be followed by more, or with the error that stopped them. */
export type Written = (error?: Error) => void;

type Job =
  | { readonly buffers: readonly Buffer[]; readonly done: Written | undefined }
  | { readonly headers: SpdyHeaders; readonly frame: (block: Buffer) => Buffer };

/**
 * Puts frames on the transport in the order of the calls. Header compression is asynchronous: whatever follows a
 * header block waits for it.
 */
export class SpdyFrameWriter implements Disposable {
  readonly #transport: Duplex;
  readonly #compressor = new HeaderCompressor();
  readonly #fail: (error: Error) => void;
  #queue: Job[] = [];
  #pumping = false;
  #waiting: Written[] = [];
  #ended: Error | undefined;

  /** `fail` is told of an error that makes the session unusable. */
  constructor(transport: Duplex, fail: (error: Error) => void) {
    this.#transport = transport;
    this.#fail = fail;
    transport.on('drain', () => this.#release());
  }

  /** Writes whole frames; `done` reports back-pressure. */
  write(buffers: readonly Buffer[], done?: Written): void {
    if (this.#ended) return done?.(this.#ended);
    if (this.#pumping) this.#queue.push({ buffers, done });
    else this.#writeNow(buffers, done);
  }

  /** Compresses `headers` and writes the frame made around the block. */
  writeHeaders(headers: SpdyHeaders, frame: (block: Buffer) => Buffer): void {
    if (this.#ended) return;
    this.#queue.push({ headers, frame });
    if (!this.#pumping) void this.#pump();
  }

  /** Ends the transport behind everything written so far. */
  end(): void {
    this.write([], () => {
      if (!this.#transport.writableEnded) this.#transport.end();
    });
  }

  [Symbol.dispose](): void {
    this.stop(new Error('SPDY connection closed'));
  }

  /** Lets every waiting and later write fail with `error`. */
  stop(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#compressor[Symbol.dispose]();
    const jobs = this.#queue;
    this.#queue = [];
    for (const job of jobs) if ('buffers' in job) job.done?.(error);
    this.#release(error);
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      for (let job = this.#queue.shift(); job && !this.#ended; job = this.#queue.shift()) {
        if ('buffers' in job) this.#writeNow(job.buffers, job.done);
        else this.#writeNow([job.frame(await this.#compressor.compress(job.headers))]);
      }
    } catch (error) {
      if (!this.#ended) this.#fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#pumping = false;
    }
  }

  #writeNow(buffers: readonly Buffer[], done?: Written): void {
    if (this.#ended || this.#transport.destroyed || this.#transport.writableEnded) {
      return done?.(this.#ended ?? new Error('SPDY connection closed'));
    }
    this.#transport.cork();
    for (const buffer of buffers) this.#transport.write(buffer);
    this.#transport.uncork();
    if (!done) return;
    if (this.#transport.writableNeedDrain) this.#waiting.push(done);
    else done();
  }

  #release(error?: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done(error);
  }
}
