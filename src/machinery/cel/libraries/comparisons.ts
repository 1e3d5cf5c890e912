/** Equality and order, between numbers of different types too. Source: cel-go's common/stdlib/standard.go. */
import type { CallCost, EstimateCall, Range } from '../call-cost.ts';
import { actualSizeAt, exactly, scaleRange, sizeAt, traversalFactor } from '../call-cost.ts';
import type { CelType } from '../cel-type.ts';
import { celTypes, sameType, typeName, typeParam } from '../cel-type.ts';
import { celCompare, celEquals } from '../equality.ts';
import type { CelFunction, CelLibrary, Overload } from '../library.ts';
import { globalOverload } from '../library.ts';
import type { CelInt, CelValue } from '../values.ts';
import { CelOpaque } from '../values.ts';

/** Comparing reads as much as the shorter has. */
const shorterCost: CallCost = {
  estimate: (call) => {
    const max = Math.min(sizeAt(call, 0).max, sizeAt(call, 1).max);
    return { cost: scaleRange({ min: max > 0 ? 1 : 0, max }, traversalFactor) };
  },
  actual: (args) => Math.ceil(Math.min(actualSizeAt(args, 0), actualSizeAt(args, 1)) * traversalFactor),
};

/** Values of Kubernetes' types are compared at once. Source: apiserver's pkg/cel/library/cost.go. */
const constantTime = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);
const maxFormatSize = 64;

const equalityCost: CallCost = {
  estimate: (call) => {
    const known = specialEquality(call);
    return known ? { cost: known } : shorterCost.estimate?.(call);
  },
  actual: (args, result) => (args[0] instanceof CelOpaque ? 1 : shorterCost.actual?.(args, result)),
};

function specialEquality(call: EstimateCall): Range | undefined {
  const [left, right] = call.args;
  if (!left || !right || !sameType(left.type, right.type)) return undefined;
  const name = typeName(left.type);
  if (constantTime.has(name)) return exactly(1);
  if (name === 'kubernetes.NamedFormat') return scaleRange({ min: 1, max: maxFormatSize }, traversalFactor);
  if (name !== 'kubernetes.URL') return undefined;
  return scaleRange({ min: 1, max: right.sized ? right.size.max : 1 }, traversalFactor);
}

const a = typeParam('A');
const equals: CelFunction = {
  name: '_==_',
  overloads: [
    globalOverload('equals', [a, a], celTypes.bool, (x: CelValue, y: CelValue) => celEquals(x, y), equalityCost),
  ],
};
const notEquals: CelFunction = {
  name: '_!=_',
  overloads: [
    globalOverload('not_equals', [a, a], celTypes.bool, (x: CelValue, y: CelValue) => !celEquals(x, y), shorterCost),
  ],
};

const { bool, int, uint, double, string, bytes, timestamp, duration } = celTypes;
const idNames = new Map<CelType, string>([
  [int, 'int64'],
  [uint, 'uint64'],
]);
const nameOf = (type: CelType): string => idNames.get(type) ?? type.kind;
const numeric = [int, uint, double];

/** The pairs of types that have an order between them. */
const ordered: readonly (readonly [CelType, CelType])[] = [
  ...[bool, int, uint, double, string, bytes, timestamp, duration].map((type) => [type, type] as const),
  ...numeric.flatMap((left) => numeric.filter((right) => right !== left).map((right) => [left, right] as const)),
];

interface Order {
  readonly name: string;
  readonly id: string;
  holds(order: number): boolean;
  /** Ints are compared by JavaScript, which does so exactly across number and bigint. */
  ints(x: CelInt, y: CelInt): boolean;
}

const orders: readonly Order[] = [
  { name: '_<_', id: 'less', holds: (order) => order < 0, ints: (x, y) => x < y },
  { name: '_<=_', id: 'less_equals', holds: (order) => order <= 0, ints: (x, y) => x <= y },
  { name: '_>_', id: 'greater', holds: (order) => order > 0, ints: (x, y) => x > y },
  { name: '_>=_', id: 'greater_equals', holds: (order) => order >= 0, ints: (x, y) => x >= y },
];

function orderOverload({ id, holds, ints }: Order, [left, right]: readonly [CelType, CelType]): Overload {
  const name = left === right ? nameOf(left) : `${nameOf(left)}_${nameOf(right)}`;
  const cost = left === string || left === bytes ? shorterCost : undefined;
  const compare = (x: CelValue, y: CelValue): boolean => holds(celCompare(x, y));
  return globalOverload(`${id}_${name}`, [left, right], bool, left === int && right === int ? ints : compare, cost);
}

/** `==`, `!=`, `<`, `<=`, `>`, `>=`. */
export const comparisons: CelLibrary = {
  name: 'comparisons',
  functions: [
    equals,
    notEquals,
    ...orders.map((order) => ({
      name: order.name,
      overloads: ordered.map((types) => orderOverload(order, types)),
    })),
  ],
};
