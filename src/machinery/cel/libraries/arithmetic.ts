/** `+`, `-`, `*`, `/`, `%` and the unary minus. Source: cel-go's common/stdlib/standard.go. */
import type { CallCost } from '../call-cost.ts';
import { actualSizeAt, addRanges, exactly, scaleRange, sizeAt, traversalFactor } from '../call-cost.ts';
import { celTypes, listType, typeParam } from '../cel-type.ts';
import { celEquals } from '../equality.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload as overload } from '../library.ts';
import {
  addInts,
  checkedUint,
  divideInts,
  divideUints,
  multiplyInts,
  negateInt,
  remainderInts,
  remainderUints,
  subtractInts,
} from '../numbers.ts';
import { durationOf, epochNanos, shiftTimestamp } from '../timestamps.ts';
import type { CelDuration, CelTimestamp, CelUint, CelValue } from '../values.ts';
import { CelDouble, CelList } from '../values.ts';

const { int, uint, double, string, bytes, timestamp, duration } = celTypes;
const listOfA = listType(typeParam('A'));

/** The operands are copied into the result. */
const copyCost: CallCost = {
  estimate: (call) => {
    const size = addRanges(sizeAt(call, 0), sizeAt(call, 1));
    return { cost: scaleRange(size, traversalFactor), size };
  },
  actual: (args) => Math.ceil((actualSizeAt(args, 0) + actualSizeAt(args, 1)) * traversalFactor),
};

const concatenationCost: CallCost = {
  estimate: (call) => ({ cost: exactly(1), size: addRanges(sizeAt(call, 0), sizeAt(call, 1)) }),
};

/** The elements of both; what a set or keyed list adds replaces what it has already. */
export function concatenate(x: CelList, y: CelList): CelList {
  const elements: CelValue[] = [...x.values()];
  if (!x.merge) return new CelList([...elements, ...y.values()]);
  const { type, keyOf } = x.merge;
  const scalar = (value: CelValue): boolean => type === 'map' || typeof value !== 'object';
  const indexOf = new Map(elements.map((element, index) => [keyOf(element), index]));
  for (const element of y.values()) {
    const key = keyOf(element);
    const known = scalar(element) ? indexOf.get(key) : elements.findIndex((other) => celEquals(other, element));
    if (known === undefined || known < 0) {
      indexOf.set(key, elements.length);
      elements.push(element);
    } else if (type === 'map') elements[known] = element;
  }
  return new CelList(elements, undefined, x.merge);
}

function joinBytes(x: Uint8Array, y: Uint8Array): Uint8Array {
  const joined = new Uint8Array(x.length + y.length);
  joined.set(x);
  joined.set(y, x.length);
  return joined;
}

type Double = (x: CelDouble, y: CelDouble) => CelDouble;
type Uint = (x: CelUint, y: CelUint) => CelUint;
const doubles =
  (operation: (x: number, y: number) => number): Double =>
  (x, y) =>
    new CelDouble(operation(x.value, y.value));
const uints =
  (operation: (x: bigint, y: bigint) => bigint): Uint =>
  (x, y) =>
    checkedUint(operation(x.value, y.value));
const later = (moment: CelTimestamp, by: CelDuration): CelTimestamp => shiftTimestamp(moment, by.nanos);
const earlier = (moment: CelTimestamp, by: CelDuration): CelTimestamp => shiftTimestamp(moment, -by.nanos);
const between = (x: CelTimestamp, y: CelTimestamp): CelDuration => durationOf(epochNanos(x) - epochNanos(y));

/** The arithmetic operators. */
export const arithmetic: CelLibrary = {
  name: 'arithmetic',
  functions: [
    {
      name: '_+_',
      overloads: [
        overload('add_bytes', [bytes, bytes], bytes, joinBytes, copyCost),
        overload(
          'add_double',
          [double, double],
          double,
          doubles((x, y) => x + y),
        ),
        overload('add_duration_duration', [duration, duration], duration, (x: CelDuration, y: CelDuration) =>
          durationOf(x.nanos + y.nanos),
        ),
        overload('add_duration_timestamp', [duration, timestamp], timestamp, (by: CelDuration, moment: CelTimestamp) =>
          later(moment, by),
        ),
        overload('add_timestamp_duration', [timestamp, duration], timestamp, later),
        overload('add_int64', [int, int], int, addInts),
        overload('add_list', [listOfA, listOfA], listOfA, concatenate, concatenationCost),
        overload('add_string', [string, string], string, (x: string, y: string) => x + y, copyCost),
        overload(
          'add_uint64',
          [uint, uint],
          uint,
          uints((x, y) => x + y),
        ),
      ],
    },
    {
      name: '_-_',
      overloads: [
        overload(
          'subtract_double',
          [double, double],
          double,
          doubles((x, y) => x - y),
        ),
        overload('subtract_duration_duration', [duration, duration], duration, (x: CelDuration, y: CelDuration) =>
          durationOf(x.nanos - y.nanos),
        ),
        overload('subtract_int64', [int, int], int, subtractInts),
        overload('subtract_timestamp_duration', [timestamp, duration], timestamp, earlier),
        overload('subtract_timestamp_timestamp', [timestamp, timestamp], duration, between),
        overload(
          'subtract_uint64',
          [uint, uint],
          uint,
          uints((x, y) => x - y),
        ),
      ],
    },
    {
      name: '_*_',
      overloads: [
        overload(
          'multiply_double',
          [double, double],
          double,
          doubles((x, y) => x * y),
        ),
        overload('multiply_int64', [int, int], int, multiplyInts),
        overload(
          'multiply_uint64',
          [uint, uint],
          uint,
          uints((x, y) => x * y),
        ),
      ],
    },
    {
      name: '_/_',
      overloads: [
        overload(
          'divide_double',
          [double, double],
          double,
          doubles((x, y) => x / y),
        ),
        overload('divide_int64', [int, int], int, divideInts),
        overload('divide_uint64', [uint, uint], uint, divideUints),
      ],
    },
    {
      name: '_%_',
      overloads: [
        overload('modulo_int64', [int, int], int, remainderInts),
        overload('modulo_uint64', [uint, uint], uint, remainderUints),
      ],
    },
    {
      name: '-_',
      overloads: [
        overload('negate_double', [double], double, (x: CelDouble) => new CelDouble(-x.value)),
        overload('negate_int64', [int], int, negateInt),
      ],
    },
  ],
};
