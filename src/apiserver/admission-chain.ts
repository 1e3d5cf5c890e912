import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './ports.ts';

/** Runs the admission plug-ins: first all that change, later all that only judge. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #context: AdmissionContext;

  constructor(plugins: readonly AdmissionPlugin[], context: AdmissionContext) {
    this.#plugins = plugins;
    this.#context = context;
  }

  /** Lets the plug-ins change `request.object`; throws StatusError when one refuses. */
  async admit(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const pending = plugin.admit?.(request, this.#context);
      if (pending) await pending;
    }
  }

  /** Lets the plug-ins judge; throws StatusError when one refuses. */
  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) {
      const pending = plugin.validate?.(request, this.#context);
      if (pending) await pending;
    }
  }
}
