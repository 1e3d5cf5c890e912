import { timed } from '../base/metrics/timed.ts';
import type { TimedEnd } from '../base/metrics/timed.ts';
import type { AdmissionMetrics, StepDurations, StepType } from './admission/admission-metrics.ts';
import type { MutationRounds } from './admission/mutation-rounds.ts';
import type { AdmissionContext, AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from './ports.ts';
import { refusedAs } from './resources/api-errors.ts';

/** What is asked of one plug-in. */
interface Step {
  run(request: AdmissionRequest, context: AdmissionContext): Promise<void> | void;
  readonly durations: StepDurations | undefined;
}

/** The plug-ins that look at a kind, in order. */
interface Steps {
  /** They have a second turn when webhooks or policies have changed an object. */
  readonly repeated: readonly Step[];
  /** They have one turn, after all changes. */
  readonly following: readonly Step[];
  readonly judging: readonly Step[];
  /** They want to know what became of the request. */
  readonly settled: readonly AdmissionPlugin[];
}

/** Runs the admission plug-ins: first all that change, later all that only judge. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #context: AdmissionContext;
  readonly #metrics: AdmissionMetrics | undefined;
  /** By the qualified names of the kinds that some plug-ins look at alone. */
  readonly #byKind: ReadonlyMap<string, Steps>;
  readonly #ofOthers: Steps;

  constructor(plugins: readonly AdmissionPlugin[], context: AdmissionContext, metrics?: AdmissionMetrics) {
    this.#plugins = plugins;
    this.#context = context;
    this.#metrics = metrics;
    const kinds = new Set(plugins.flatMap(({ concerns = [] }) => concerns));
    this.#byKind = new Map([...kinds].map((kind) => [kind, this.#stepsFor(kind)]));
    this.#ofOthers = this.#stepsFor(undefined);
  }

  #stepsFor(kind: string | undefined): Steps {
    const plugins = this.#plugins.filter(
      ({ concerns }) => !concerns || (kind !== undefined && concerns.includes(kind)),
    );
    const end = plugins.findLastIndex(({ mutatesInRounds }) => mutatesInRounds) + 1;
    const steps = (of: readonly AdmissionPlugin[], type: StepType): Step[] =>
      of.flatMap((plugin) => {
        const run = plugin[type]?.bind(plugin);
        return run ? [{ run, durations: this.#metrics?.controller(plugin.name, type) }] : [];
      });
    return {
      repeated: steps(plugins.slice(0, end), 'admit'),
      following: steps(plugins.slice(end), 'admit'),
      judging: steps(plugins, 'validate'),
      settled: plugins.filter(({ settled }) => settled !== undefined),
    };
  }

  #stepsOf({ resource }: AdmissionRequest): Steps {
    return this.#byKind.get(resource.qualified) ?? this.#ofOthers;
  }

  /** Lets the plug-ins change `request.object`; throws StatusError when one refuses. A promise where one takes its time. */
  admit(request: AdmissionRequest): Promise<void> | void {
    if (!this.#metrics) return this.#admit(request);
    const { clock, steps } = this.#metrics;
    return timed(clock, () => this.#admit(request), endOf(request, steps.admit));
  }

  #admit(request: AdmissionRequest): Promise<void> | void {
    const { repeated, following } = this.#stepsOf(request);
    const first = this.#run(repeated, request);
    if (first) return first.then(() => this.#goOn(request, { repeated, following }));
    return this.#goOn(request, { repeated, following });
  }

  #goOn(request: AdmissionRequest, steps: Pick<Steps, 'repeated' | 'following'>): Promise<void> | void {
    if (request.rounds?.isWanted) return this.#repeat(request, request.rounds, steps);
    return this.#run(steps.following, request);
  }

  async #repeat(
    request: AdmissionRequest,
    rounds: MutationRounds,
    { repeated, following }: Pick<Steps, 'repeated' | 'following'>,
  ): Promise<void> {
    rounds.isSecond = true;
    await this.#run(repeated, request);
    await this.#run(following, request);
  }

  /** Lets the plug-ins judge; throws StatusError when one refuses. A promise where one takes its time. */
  validate(request: AdmissionRequest): Promise<void> | void {
    const { judging } = this.#stepsOf(request);
    if (!this.#metrics) return this.#run(judging, request);
    const { clock, steps } = this.#metrics;
    return timed(clock, () => this.#run(judging, request), endOf(request, steps.validate));
  }

  /** Takes the steps one after the other: no turn of the event loop is taken where none has to be waited for. */
  #run(steps: readonly Step[], request: AdmissionRequest, from = 0): Promise<void> | void {
    if (from === steps.length) return;
    const { operation } = request;
    const began = this.#monotonic();
    let index = from;
    let pending: Promise<void> | void = undefined;
    try {
      for (; index < steps.length && !pending; index++) pending = steps[index]!.run(request, this.#context);
    } catch (error) {
      this.#note(steps.slice(from, index), operation, began);
      this.#note(steps.slice(index, index + 1), operation, began, 'rejected');
      throw error;
    }
    if (!pending) return this.#note(from === 0 ? steps : steps.slice(from), operation, began);
    return this.#after(pending, request, { steps, from, index: index - 1, began });
  }

  /** Goes on when the step at `index` is done. */
  async #after(
    pending: Promise<void>,
    request: AdmissionRequest,
    { steps, from, index, began }: Waiting,
  ): Promise<void> {
    const { operation } = request;
    const done = steps.slice(index, index + 1);
    this.#note(steps.slice(from, index), operation, began);
    const asked = this.#monotonic();
    try {
      await pending;
    } catch (error) {
      this.#note(done, operation, asked, 'rejected');
      throw error;
    }
    this.#note(done, operation, asked);
    await this.#run(steps, request, index + 1);
  }

  /**
   * Notes how long steps took. Those that wait for nothing share the time that they took together: each takes less than
   * asking for the time does.
   */
  #note(
    steps: readonly Step[],
    operation: AdmissionRequest['operation'],
    began: number,
    outcome: 'admitted' | 'rejected' = 'admitted',
  ): void {
    if (!this.#metrics || steps.length === 0) return;
    const share = (this.#monotonic() - began) / 1000 / steps.length;
    for (const { durations } of steps) durations?.[operation][outcome].observe(share);
  }

  #monotonic(): number {
    return this.#metrics ? this.#metrics.clock.monotonic() : 0;
  }

  /** Does the work of a request, from admission to the store, and tells the plug-ins what became of it. */
  around<T>(
    request: AdmissionRequest,
    work: () => T | Promise<T>,
    isRemoval: (result: T) => boolean = () => false,
  ): T | Promise<T> {
    const { settled } = this.#stepsOf(request);
    return settled.length === 0 ? work() : this.#settling(settled, request, { work, isRemoval });
  }

  async #settling<T>(
    settled: readonly AdmissionPlugin[],
    request: AdmissionRequest,
    { work, isRemoval }: { readonly work: () => T | Promise<T>; readonly isRemoval: (result: T) => boolean },
  ): Promise<T> {
    let outcome: AdmissionOutcome = 'refused';
    try {
      const result = await work();
      outcome = isRemoval(result) ? 'removed' : 'stored';
      return result;
    } catch (error) {
      if (refusedAs(error, 'uncertain')) outcome = 'uncertain';
      throw error;
    } finally {
      for (const plugin of settled) {
        const pending = plugin.settled?.(request, outcome);
        if (pending) await pending;
      }
    }
  }
}

/** A step that is waited for. */
interface Waiting {
  readonly steps: readonly Step[];
  /** The first that has not been noted. */
  readonly from: number;
  readonly index: number;
  /** When that one began. */
  readonly began: number;
}

/** Where it is noted how long a whole phase took. */
function endOf({ operation }: AdmissionRequest, durations: StepDurations): TimedEnd<void> {
  const { admitted, rejected } = durations[operation];
  return { done: (_, seconds) => admitted.observe(seconds), failed: (seconds) => rejected.observe(seconds) };
}
