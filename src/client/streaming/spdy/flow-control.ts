import { defaultWindow, SpdyProtocolError, windowUpdateFrame } from './frames.ts';

const maxWindow = 0x7fffffff;

/** One side's send window: how many bytes the peer still takes. May turn negative. */
export class SendWindow {
  #left: number;

  constructor(initial: number) {
    this.#left = initial;
  }

  /** Bytes that may be sent now. */
  get left(): number {
    return this.#left;
  }

  /** Takes note of bytes sent. */
  spend(bytes: number): void {
    this.#left -= bytes;
  }

  /** Widens the window (narrows it, if negative). Throws SpdyProtocolError beyond 2^31 - 1. */
  widen(bytes: number): void {
    if (this.#left + bytes > maxWindow) throw new SpdyProtocolError('flow control window overflow');
    this.#left += bytes;
  }
}

/** Collects consumed bytes and says when a WINDOW_UPDATE is worth sending. */
export class ReceiveCredit {
  readonly #threshold: number;
  #owed = 0;

  /** `window`: the size that the updates keep open. */
  constructor(window: number) {
    this.#threshold = window / 2;
  }

  /** Adds consumed bytes; returns the delta to grant now, 0 for none yet. */
  consume(bytes: number): number {
    this.#owed += bytes;
    if (this.#owed < this.#threshold) return 0;
    const delta = this.#owed;
    this.#owed = 0;
    return delta;
  }
}

/**
 * What the peer may send. Grants go only to a peer that takes part in flow control: one that does not would close its
 * connection with our frame unread, whereupon its kernel drops the output that it has not sent yet.
 */
export class ReceiveGrants {
  readonly #session: ReceiveCredit;
  readonly #write: (frame: Buffer) => void;
  readonly #owed = new Map<number, number>();
  #active = false;

  constructor(sessionWindow: number, write: (frame: Buffer) => void) {
    this.#session = new ReceiveCredit(sessionWindow);
    this.#write = write;
  }

  /** `bytes` of a stream have been read; `grant` more may come on it. */
  consumed(streamId: number, bytes: number, grant: number): void {
    this.#grant(0, this.#session.consume(bytes));
    this.#grant(streamId, grant);
  }

  /** The peer has shown that it takes part: it gets what it is owed. */
  activate(): void {
    if (this.#active) return;
    this.#active = true;
    for (const [id, bytes] of this.#owed) this.#grant(id, bytes);
    this.#owed.clear();
  }

  /** The stream is over. */
  forget(streamId: number): void {
    this.#owed.delete(streamId);
  }

  #grant(id: number, bytes: number): void {
    if (bytes === 0) return;
    if (this.#active) this.#write(windowUpdateFrame(id, bytes));
    else this.#owed.set(id, (this.#owed.get(id) ?? 0) + bytes);
  }
}

/**
 * What is known of the peer's flow control. SPDY/3.1 demands it, but the library behind kubectl, containerd and
 * upstream's kubelet (moby/spdystream) has none: it never grants a byte and ignores what it is granted. So windows bind
 * only once the peer has shown, by SETTINGS or WINDOW_UPDATE, that it takes part; what was sent before counts then.
 */
export class PeerFlowControl {
  readonly session: SendWindow = new SendWindow(defaultWindow);
  #active = false;
  #initialWindow = defaultWindow;

  /** Whether windows bind. */
  get active(): boolean {
    return this.#active;
  }

  /** The window that a new stream starts with. */
  get initialWindow(): number {
    return this.#initialWindow;
  }

  /** The peer has sent a WINDOW_UPDATE. */
  activate(): void {
    this.#active = true;
  }

  /** The peer has announced a window; returns by how much every open stream's window changes. */
  announce(window: number): number {
    if (window > maxWindow) throw new SpdyProtocolError('flow control window overflow');
    this.#active = true;
    const change = window - this.#initialWindow;
    this.#initialWindow = window;
    return change;
  }

  /** How many bytes a stream may send now. */
  allowance(stream: SendWindow): number {
    return this.#active ? Math.min(stream.left, this.session.left) : Number.POSITIVE_INFINITY;
  }
}
