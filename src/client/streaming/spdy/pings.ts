import { pingFrame } from './frames.ts';

interface Waiting {
  readonly answered: () => void;
  readonly failed: (error: Error) => void;
}

/** The pings of one session, ours and the peer's. */
export class Pings {
  readonly #parity: number;
  readonly #write: (frame: Buffer) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId: number;

  /** The client's pings have odd numbers, the server's even ones: that tells a ping from an answer. */
  constructor(role: 'client' | 'server', write: (frame: Buffer) => void) {
    this.#nextId = role === 'client' ? 1 : 2;
    this.#parity = this.#nextId % 2;
    this.#write = write;
  }

  /** Sends one; resolves when it is answered and rejects when the session ends first. */
  send(): Promise<void> {
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 2) % 0x7fffffff;
    return new Promise((answered, failed) => {
      this.#waiting.set(id, { answered, failed });
      this.#write(pingFrame(id));
    });
  }

  /** Takes a PING frame: answers the peer's, or is the answer to one of ours. */
  receive(id: number): void {
    if (id % 2 !== this.#parity) return this.#write(pingFrame(id));
    this.#waiting.get(id)?.answered();
    this.#waiting.delete(id);
  }

  /** The session has ended. */
  fail(error: Error): void {
    for (const { failed } of this.#waiting.values()) failed(error);
    this.#waiting.clear();
  }
}
