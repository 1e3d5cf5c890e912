import type { MutationRounds } from './admission/mutation-rounds.ts';
import type { AdmissionContext, AdmissionOutcome, AdmissionPlugin, AdmissionRequest } from './ports.ts';
import { refusedAs } from './resources/api-errors.ts';

/** Runs the admission plug-ins: first all that change, later all that only judge. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #context: AdmissionContext;
  /** Those who want to know what became of requests. */
  readonly #concerned: readonly AdmissionPlugin[];
  /** The plug-ins that have a second turn when webhooks or policies have changed an object, and those that follow them. */
  readonly #repeated: readonly AdmissionPlugin[];
  readonly #following: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[], context: AdmissionContext) {
    this.#plugins = plugins;
    this.#concerned = plugins.filter(({ settled }) => settled !== undefined);
    this.#context = context;
    const end = plugins.findLastIndex(({ mutatesInRounds }) => mutatesInRounds) + 1;
    this.#repeated = plugins.slice(0, end).filter(({ admit }) => admit);
    this.#following = plugins.slice(end).filter(({ admit }) => admit);
  }

  /** Lets the plug-ins change `request.object`; throws StatusError when one refuses. */
  async admit(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#repeated) {
      const pending = plugin.admit?.(request, this.#context);
      if (pending) await pending;
    }
    if (request.rounds?.isWanted) await this.#repeat(request, request.rounds);
    for (const plugin of this.#following) {
      const pending = plugin.admit?.(request, this.#context);
      if (pending) await pending;
    }
  }

  async #repeat(request: AdmissionRequest, rounds: MutationRounds): Promise<void> {
    rounds.isSecond = true;
    for (const plugin of this.#repeated) await plugin.admit?.(request, this.#context);
  }

  /** Lets the plug-ins judge; throws StatusError when one refuses. */
  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const pending = plugin.validate?.(request, this.#context);
      if (pending) await pending;
    }
  }

  /** Does the work of a request, from admission to the store, and tells the plug-ins what became of it. */
  async around<T>(
    request: AdmissionRequest,
    work: () => Promise<T>,
    isRemoval: (result: T) => boolean = () => false,
  ): Promise<T> {
    if (this.#concerned.length === 0) return work();
    let outcome: AdmissionOutcome = 'refused';
    try {
      const result = await work();
      outcome = isRemoval(result) ? 'removed' : 'stored';
      return result;
    } catch (error) {
      if (refusedAs(error, 'uncertain')) outcome = 'uncertain';
      throw error;
    } finally {
      for (const plugin of this.#concerned) {
        const pending = plugin.settled?.(request, outcome);
        if (pending) await pending;
      }
    }
  }
}
