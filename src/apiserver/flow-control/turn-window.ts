/** Turns of the event loop that take longer than this are too long, in milliseconds; those that take less than half of it short. */
const longTurn = 5;
/** Seats that are given out however long turns take: less would only add turns. */
const least = 8;
const atFirst = 64;

/**
 * How many seats the thread gives out at a time, so that turns of the event loop are neither long nor idle: what a request
 * costs is seldom known before, and much of it comes after its handler has returned (the body, the commit, the encryption of
 * the answer). More after short turns, fewer after long ones, as TCP does with what it has under way.
 */
export class TurnWindow {
  readonly #most: number;
  #size: number;

  /** `most`: seats that may be given out at all. */
  constructor(most: number) {
    this.#most = Math.max(least, most);
    this.#size = Math.min(atFirst, this.#most);
  }

  get size(): number {
    return this.#size;
  }

  /** Notes how long a turn took while requests waited. */
  observe(milliseconds: number): void {
    if (milliseconds > longTurn) this.#size = Math.max(least, Math.floor(this.#size * 0.75));
    else if (milliseconds < longTurn / 2) this.#grow(0.125);
  }

  #grow(share: number): void {
    this.#size = Math.min(this.#most, this.#size + Math.max(1, Math.floor(this.#size * share)));
  }
}
