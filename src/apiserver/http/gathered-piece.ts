import type { LazyPiece } from './exchange.ts';

/** A piece made of many buffers, each as it is: they are put together part by part, while it is written. */
export class GatheredPiece implements LazyPiece {
  readonly length: number;
  readonly #make: () => Iterable<Buffer>;

  /** `make` gives the buffers in their order, the same ones each time. */
  constructor(make: () => Iterable<Buffer>) {
    this.#make = make;
    let length = 0;
    for (const buffer of make()) length += buffer.length;
    this.length = length;
  }

  *parts(size: number): Generator<Buffer, void> {
    let waiting: Buffer[] = [];
    let bytes = 0;
    for (const buffer of this.#make()) {
      waiting.push(buffer);
      bytes += buffer.length;
      if (bytes < size) continue;
      yield Buffer.concat(waiting, bytes);
      waiting = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(waiting, bytes);
  }
}
