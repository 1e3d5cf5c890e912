/** What a call costs: as an estimate from sizes, and in fact. Source: cel-go's checker/cost.go and runtimecost.go. */
import type { CelType } from './cel-type.ts';
import type { CelValue } from './values.ts';
import { sizeForCost } from './value-size.ts';

/** A range of sizes or costs, of uint64 as doubles: the largest means "unbounded". */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The largest uint64, where costs saturate. */
export const unbounded = 2 ** 64;
/** Characters per unit of cost. Source: cel-go's StringTraversalCostFactor. */
export const traversalFactor = 0.1;
/** Characters of a pattern per unit of cost. Source: cel-go's RegexStringLengthCostFactor. */
export const patternFactor = 0.25;
/** What making a list, a map or a message costs. */
export const creationCost = { list: 10, map: 30, message: 40 } as const;

/** A range of one. */
export const exactly = (value: number): Range => ({ min: value, max: value });
/** Anything. */
export const anySize: Range = { min: 0, max: unbounded };

const saturate = (value: number): number => (value > unbounded || Number.isNaN(value) ? unbounded : value);

/** The sum of ranges. */
export function addRanges(...ranges: readonly Range[]): Range {
  let [min, max] = [0, 0];
  for (const range of ranges) [min, max] = [saturate(min + range.min), saturate(max + range.max)];
  return { min, max };
}

/** The product of two ranges. */
export function multiplyRanges(a: Range, b: Range): Range {
  return { min: product(a.min, b.min), max: product(a.max, b.max) };
}

function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : saturate(a * b);
}

/** A range times a factor, rounded up. */
export function scaleRange({ min, max }: Range, factor: number): Range {
  return { min: saturate(Math.ceil(min * factor)), max: saturate(Math.ceil(max * factor)) };
}

/** The smallest range around both. */
export function uniteRanges(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** An argument as an estimate sees it. */
export interface CostNode {
  readonly type: CelType;
  /** Its size; anything when nothing is known. */
  readonly size: Range;
  /** Whether the size comes from the expression or schema. */
  readonly sized: boolean;
  /** The value, of a literal. */
  readonly literal: CelValue | undefined;
  /** The elements of a list whose type is known. */
  element(): CostNode | undefined;
}

/** A call to be estimated. The receiver, if any, is the first of `args`. */
export interface EstimateCall {
  readonly args: readonly CostNode[];
  readonly member: boolean;
}

/** The estimate of a call without its arguments, and the size of its result if known. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range | undefined;
}

/** How the cost of a function is found. Undefined: 1. */
export interface CallCost {
  estimate?(call: EstimateCall): CallEstimate | undefined;
  actual?(args: readonly CelValue[], result: CelValue): number | undefined;
}

/** The same cost always. */
export function fixedCost(cost: number): CallCost {
  return { estimate: () => ({ cost: exactly(cost) }), actual: () => cost };
}

/** The size of argument `index` in an estimate. */
export function sizeAt({ args }: EstimateCall, index: number): Range {
  return args[index]?.size ?? anySize;
}

/** The actual size of argument `index`. */
export function actualSizeAt(args: readonly CelValue[], index: number): number {
  return sizeForCost(args[index] ?? null);
}

/** Reading argument `index` once. `result`: the result has its size. */
export function traversalCost(
  index: number,
  { factor = 1, result = false }: { readonly factor?: number; readonly result?: boolean } = {},
): CallCost {
  return {
    estimate: (call) => {
      const size = sizeAt(call, index);
      return { cost: scaleRange(size, factor * traversalFactor), size: result ? size : undefined };
    },
    actual: (args) => Math.ceil(actualSizeAt(args, index) * factor * traversalFactor),
  };
}

/** Searching argument `text` for the pattern in argument `pattern`. */
export function patternCost(text: number, pattern: number): CallCost {
  return {
    estimate: (call) => {
      const read = scaleRange(addRanges(sizeAt(call, text), exactly(1)), traversalFactor);
      return { cost: multiplyRanges(read, scaleRange(sizeAt(call, pattern), patternFactor)) };
    },
    actual: (args) => {
      const read = Math.ceil((1 + actualSizeAt(args, text)) * traversalFactor);
      return read * Math.ceil(actualSizeAt(args, pattern) * patternFactor);
    },
  };
}
