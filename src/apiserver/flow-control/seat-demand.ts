/** What a value was over a time: weighted by how long it was so. */
export interface Demand {
  /** Undefined when no time has passed. */
  readonly average: number | undefined;
  readonly deviation: number;
  readonly highest: number;
}

/** The seats that a priority level could use, over time. Source: apiserver's fairqueuing/integrator.go. */
export class SeatDemand {
  #value = 0;
  #since: number;
  #elapsed = 0;
  #integral = 0;
  #squares = 0;
  #highest = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Notes the value from now on; `now` in milliseconds. */
  set(value: number, now: number): void {
    this.#pass(now);
    this.#value = value;
    if (value > this.#highest) this.#highest = value;
  }

  /** What was since the last reset. */
  reset(now: number): Demand {
    this.#pass(now);
    const average = this.#elapsed > 0 ? this.#integral / this.#elapsed : undefined;
    const variance = average === undefined ? 0 : this.#squares / this.#elapsed - average * average;
    const demand = { average, deviation: variance > 0 ? Math.sqrt(variance) : 0, highest: this.#highest };
    this.#elapsed = 0;
    this.#integral = 0;
    this.#squares = 0;
    this.#highest = this.#value;
    return demand;
  }

  #pass(now: number): void {
    const passed = now - this.#since;
    if (passed <= 0) return;
    this.#since = now;
    this.#elapsed += passed;
    this.#integral += this.#value * passed;
    this.#squares += this.#value * this.#value * passed;
  }
}
