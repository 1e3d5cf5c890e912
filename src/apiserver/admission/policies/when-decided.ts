import { CelPending } from '../../../machinery/cel/cel-error.ts';

/**
 * Runs what evaluates expressions. Where one of them asks an authorizer that takes its time, it is run again once that has
 * decided: the bindings, which must be the same ones, remember what was decided.
 */
export function whenDecided<T>(evaluate: () => T): T | Promise<T> {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof CelPending)) throw error;
    return error.ready.then(() => whenDecided(evaluate));
  }
}

/** Rethrows what is no failure: that something has to be waited for. */
export function unlessPending(error: unknown): void {
  if (error instanceof CelPending) throw error;
}
