import type { Clock } from './clock.ts';

/** Lets one loop wait until somebody has something for it. A call that comes while nobody waits is kept. */
export class Wake {
  #isPending = false;
  #resolve: (() => void) | undefined;

  /** Ends the present or the next wait. */
  notify(): void {
    this.#isPending = true;
    this.#resolve?.();
  }

  /** Resolves once notified, when aborted, or after `limit` if given; never rejects. One waiter at a time. */
  async wait(signal: AbortSignal, limit?: { readonly clock: Clock; readonly ms: number }): Promise<void> {
    if (!this.#isPending && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => resolve();
      this.#resolve = end;
      signal.addEventListener('abort', end, { once: true });
      using timer = new DisposableStack();
      if (limit !== undefined) timer.use(limit.clock.after(limit.ms, end));
      await promise;
      signal.removeEventListener('abort', end);
      this.#resolve = undefined;
    }
    this.#isPending = false;
  }
}
