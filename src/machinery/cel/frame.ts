/** One evaluation: its variables, what it has cost, and when it must end. */
import { CelAbort, fail } from './cel-error.ts';
import type { Adapt, CelValue } from './values.ts';

/** A compiled piece of an expression. */
export type Step = (frame: Frame) => CelValue;

/** A variable of the environment and how its bindings are read. */
export interface FrameVariable {
  readonly name: string;
  readonly adapt: Adapt;
}

/** How many iterations pass between looks at the signal. Source: apiserver's CheckFrequency. */
const checkFrequency = 100;

/** The state of one evaluation. */
export class Frame {
  cost = 0;
  readonly limit: number;
  /** Variables of comprehensions, each at an index of its own. */
  readonly locals: (CelValue | undefined)[] = [];
  readonly #values: (CelValue | undefined)[] = [];
  readonly #bindings: Readonly<Record<string, unknown>>;
  readonly #signal: AbortSignal | undefined;
  #ticks = 0;

  constructor(bindings: Readonly<Record<string, unknown>>, limit: number, signal: AbortSignal | undefined) {
    this.#bindings = bindings;
    this.limit = limit;
    this.#signal = signal;
  }

  /** The value of a variable of the environment, read from its binding at most once. */
  variable(index: number, { name, adapt }: FrameVariable): CelValue {
    const known = this.#values[index];
    if (known !== undefined) return known;
    const binding = Object.hasOwn(this.#bindings, name) ? this.#bindings[name] : undefined;
    if (binding === undefined) fail(`no such attribute(s): ${name}`);
    const value = adapt(binding);
    this.#values[index] = value;
    return value;
  }

  /** Adds to the cost; ends the evaluation when that is too much. */
  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CelAbort('cost');
  }

  /** To be called once per iteration. */
  tick(): void {
    if (this.cost > this.limit) throw new CelAbort('cost');
    if (++this.#ticks % checkFrequency === 0 && this.#signal?.aborted) throw new CelAbort('cancelled');
  }
}
