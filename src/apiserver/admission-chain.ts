import type { MutationRounds } from './admission/mutation-rounds.ts';
import type { AdmissionContext, AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from './ports.ts';
import { refusedAs } from './resources/api-errors.ts';

/** What is asked of one plug-in. */
type Step = (request: AdmissionRequest, context: AdmissionContext) => Promise<void> | void;

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
  /** By the qualified names of the kinds that some plug-ins look at alone. */
  readonly #byKind: ReadonlyMap<string, Steps>;
  readonly #ofOthers: Steps;

  constructor(plugins: readonly AdmissionPlugin[], context: AdmissionContext) {
    this.#plugins = plugins;
    this.#context = context;
    const kinds = new Set(plugins.flatMap(({ concerns = [] }) => concerns));
    this.#byKind = new Map([...kinds].map((kind) => [kind, this.#stepsFor(kind)]));
    this.#ofOthers = this.#stepsFor(undefined);
  }

  #stepsFor(kind: string | undefined): Steps {
    const plugins = this.#plugins.filter(
      ({ concerns }) => !concerns || (kind !== undefined && concerns.includes(kind)),
    );
    const end = plugins.findLastIndex(({ mutatesInRounds }) => mutatesInRounds) + 1;
    const steps = (of: readonly AdmissionPlugin[], name: 'admit' | 'validate'): Step[] =>
      of.flatMap((plugin) => plugin[name]?.bind(plugin) ?? []);
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
    return this.#run(this.#stepsOf(request).judging, request);
  }

  /** Takes the steps one after the other: no turn of the event loop is taken where none has to be waited for. */
  #run(steps: readonly Step[], request: AdmissionRequest, from = 0): Promise<void> | void {
    for (let index = from; index < steps.length; index++) {
      const pending = steps[index]?.(request, this.#context);
      if (pending) return pending.then(() => this.#run(steps, request, index + 1));
    }
  }

  /** Does the work of a request, from admission to the store, and tells the plug-ins what became of it. */
  async around<T>(
    request: AdmissionRequest,
    work: () => Promise<T>,
    isRemoval: (result: T) => boolean = () => false,
  ): Promise<T> {
    const { settled } = this.#stepsOf(request);
    if (settled.length === 0) return work();
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
