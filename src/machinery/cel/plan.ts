/** Compiled expressions as planning sees them. */
import type { Step } from './frame.ts';
import type { CelValue } from './values.ts';

/**
 * A planned expression. cel-go charges a path such as `a.b[c]` one for its head and one for each step, but skips the
 * head where the path is itself an index or the branch of a condition: `resolve` is without the head.
 */
export interface Plan {
  readonly evaluate: Step;
  readonly resolve: Step;
  /** The value, when it is known beforehand. */
  readonly constant?: { readonly value: CelValue } | undefined;
  /** Whether the plan is a path whose head is charged. */
  readonly path: 'variable' | 'condition' | 'none';
}

/** The plan of a known value, which costs nothing. */
export function constantPlan(value: CelValue): Plan {
  const step: Step = () => value;
  return { evaluate: step, resolve: step, constant: { value }, path: 'none' };
}

/** The plan of what is no path. */
export function valuePlan(step: Step): Plan {
  return { evaluate: step, resolve: step, path: 'none' };
}

/** The plan of a path: its head is charged when it is evaluated by itself. */
export function pathPlan(resolve: Step, path: 'variable' | 'condition' = 'variable'): Plan {
  if (path === 'condition') return { evaluate: resolve, resolve, path };
  const evaluate: Step = (frame) => {
    frame.cost++;
    return resolve(frame);
  };
  return { evaluate, resolve, path };
}
