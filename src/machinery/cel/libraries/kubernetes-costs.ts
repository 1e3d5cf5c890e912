/** Costs that several of Kubernetes' functions share. Source: apiserver's pkg/cel/library/cost.go. */
import type { CallCost, CostNode } from '../call-cost.ts';
import {
  actualSizeAt,
  addRanges,
  anySize,
  exactly,
  fixedCost,
  multiplyRanges,
  scaleRange,
  sizeAt,
  traversalFactor,
} from '../call-cost.ts';
import type { CelValue } from '../values.ts';
import { CelList, CelMap } from '../values.ts';

/** Accessors cost one. */
export const nominalCost: CallCost = fixedCost(1);

/** Searching a list or string: one comparison per element, and reading it when it is text. */
export const searchCost: CallCost = {
  estimate(call) {
    const [target] = call.args;
    const size = target?.size ?? anySize;
    const element = target?.element();
    if (!element) return { cost: scaleRange(size, traversalFactor) };
    return { cost: multiplyRanges(size, elementCost(element)) };
  },
  actual: ([target = null]) => readCost(target),
};

function elementCost({ type, size }: CostNode): { readonly min: number; readonly max: number } {
  const text = type.kind === 'string' || type.kind === 'bytes';
  return text ? addRanges(exactly(1), scaleRange(size, traversalFactor)) : exactly(1);
}

/** The cost of reading a value and all that is inside. */
function readCost(value: CelValue): number {
  if (typeof value === 'string') return Math.trunc(new TextEncoder().encode(value).length * traversalFactor);
  if (value instanceof Uint8Array) return Math.trunc(value.length * traversalFactor);
  let cost = 0;
  if (value instanceof CelList) {
    for (const element of value.values()) cost += readCost(element);
    return cost;
  }
  if (!(value instanceof CelMap)) return 1;
  for (const key of value.keys()) cost += readCost(key) + readCost(value.get(key) ?? null);
  return cost;
}

/** Taking a string apart into parts, or replacing some: reading it, and writing the result. */
export function rewriteCost(estimate: CallCost['estimate']): CallCost {
  return {
    estimate: (call) => ({ ...estimate?.(call), cost: scaleRange(sizeAt(call, 0), 2 * traversalFactor) }),
    actual: (args) => Math.ceil(actualSizeAt(args, 0) * 2 * traversalFactor),
  };
}
