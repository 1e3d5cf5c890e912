/** The longest time that clients are told to wait, in seconds. */
const longest = 32;

/**
 * How many seconds clients of one priority level are told to wait before they ask again: twice as long while many are
 * refused, a second less each second after. Source: apiserver's dropped_requests_tracker.go.
 */
export class RetryAfter {
  readonly #history: { readonly second: number; readonly refused: number }[] = [];
  #second = 0;
  #refused = 0;
  #seconds = 1;
  #raisedAt = 0;

  /** Notes that a request is refused at a time (milliseconds); what its client is told. */
  refuse(now: number): number {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) this.#turnTo(second);
    this.#refused++;
    return this.#seconds;
  }

  #turnTo(second: number): void {
    this.#history.push({ second: this.#second, refused: this.#refused });
    const kept = Math.min(longest, 2 * this.#seconds);
    while (this.#history.length > 0 && second - this.#history[0]!.second > kept) this.#history.shift();
    this.#second = second;
    this.#refused = 0;
    this.#adjust(second);
  }

  #adjust(second: number): void {
    const lately = this.#history.filter((entry) => second - entry.second <= this.#seconds);
    const refused = lately.reduce((sum, entry) => sum + entry.refused, 0);
    if (second - this.#raisedAt >= this.#seconds && refused >= 3 * this.#seconds) {
      this.#seconds = Math.min(longest, 2 * this.#seconds);
      this.#raisedAt = second;
    } else if (refused < this.#seconds && this.#seconds > 1) this.#seconds--;
  }
}
