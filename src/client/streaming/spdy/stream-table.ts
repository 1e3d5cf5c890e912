import type { SpdyStream } from './spdy-stream.ts';

interface Opening {
  readonly opened: () => void;
  readonly refused: (error: Error) => void;
}

/** The streams of one session, and who waits for the peer's reply to one. */
export class StreamTable {
  readonly #streams = new Map<number, SpdyStream>();
  readonly #openings = new Map<number, Opening>();

  get(id: number): SpdyStream | undefined {
    return this.#streams.get(id);
  }

  values(): SpdyStream[] {
    return [...this.#streams.values()];
  }

  /** Takes in a stream that the peer has opened. */
  add(stream: SpdyStream): void {
    this.#streams.set(stream.id, stream);
  }

  /** Takes in a stream of ours; resolves when the peer has replied. Giving up by signal resets the stream. */
  addOpening(stream: SpdyStream, signal: AbortSignal | undefined): Promise<SpdyStream> {
    this.#streams.set(stream.id, stream);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(signal?.reason);
        stream.destroy();
      };
      const settled = (): void => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.#openings.set(stream.id, {
        opened: () => {
          settled();
          resolve(stream);
        },
        refused: (error) => {
          settled();
          reject(error);
        },
      });
    });
  }

  /** The peer has replied. */
  opened(id: number): void {
    this.#openings.get(id)?.opened();
    this.#openings.delete(id);
  }

  /** Forgets a stream; whoever waits for it gets `error`. */
  remove(id: number, error: Error): void {
    this.#openings.get(id)?.refused(error);
    this.#openings.delete(id);
    this.#streams.delete(id);
  }

  /** Fails every stream with `error` and forgets it. */
  failAll(error: Error): void {
    const streams = this.values();
    for (const stream of streams) this.remove(stream.id, error);
    for (const stream of streams) stream.fail(error);
  }
}
