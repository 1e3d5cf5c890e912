/** Logic, containers and the string functions of the language itself. Source: cel-go's common/stdlib/standard.go. */
import type { CallCost } from '../call-cost.ts';
import {
  actualSizeAt,
  multiplyRanges,
  patternCost,
  scaleRange,
  sizeAt,
  traversalCost,
  traversalFactor,
} from '../call-cost.ts';
import { failNoOverload } from '../cel-error.ts';
import { celTypes, listType, mapType, typeParam, typeType } from '../cel-type.ts';
import { listContains } from '../equality.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload as overload, memberOverload as member } from '../library.ts';
import { patternOf } from '../patterns.ts';
import { Needle } from '../text-search.ts';
import type { CelList, CelMap, CelValue } from '../values.ts';
import { CelTypeValue } from '../values.ts';
import { characterCount } from '../value-size.ts';
import { typeOf } from '../value-type.ts';

const { bool, int, string, bytes, dyn } = celTypes;
const a = typeParam('A');
const b = typeParam('B');
const listOfA = listType(a);
const mapOfAB = mapType(a, b);

/** The planner evaluates these itself: they don't look at all of their arguments, or see errors. */
const planned = (): never => failNoOverload();

const inListCost: CallCost = {
  estimate: (call) => ({ cost: sizeAt(call, 1) }),
  actual: (args) => actualSizeAt(args, 1),
};
const containsCost: CallCost = {
  estimate: (call) => ({
    cost: multiplyRanges(scaleRange(sizeAt(call, 0), traversalFactor), scaleRange(sizeAt(call, 1), traversalFactor)),
  }),
  actual: (args) =>
    Math.ceil(actualSizeAt(args, 0) * traversalFactor) * Math.ceil(actualSizeAt(args, 1) * traversalFactor),
};
const affixCost = traversalCost(1);
const stringToBytesCost: CallCost = {
  ...traversalCost(0),
  estimate: (call) => {
    const { min, max } = sizeAt(call, 0);
    return { cost: scaleRange({ min, max }, traversalFactor), size: { min, max: max * 4 } };
  },
};

const matches = (text: string, pattern: string): boolean => patternOf(pattern).matcher(text).find();
const length = (value: CelList | CelMap): number => value.size;

/** What has no library of its own. */
export const core: CelLibrary = {
  name: 'core',
  types: [
    celTypes.bool,
    celTypes.bytes,
    celTypes.double,
    celTypes.duration,
    celTypes.int,
    listType(dyn),
    mapType(dyn, dyn),
    celTypes.null,
    celTypes.string,
    celTypes.timestamp,
    typeType(),
    celTypes.uint,
  ],
  functions: [
    { name: '_?_:_', overloads: [overload('conditional', [bool, a, a], a, planned)] },
    { name: '_&&_', overloads: [overload('logical_and', [bool, bool], bool, planned)] },
    { name: '_||_', overloads: [overload('logical_or', [bool, bool], bool, planned)] },
    { name: '!_', overloads: [overload('logical_not', [bool], bool, (value: boolean) => !value)] },
    { name: '@not_strictly_false', overloads: [overload('not_strictly_false', [bool], bool, planned)] },
    {
      name: '_[_]',
      overloads: [overload('index_list', [listOfA, int], a, planned), overload('index_map', [mapOfAB, a], b, planned)],
    },
    {
      name: '@in',
      overloads: [
        overload('in_list', [a, listOfA], bool, (x: CelValue, list: CelList) => listContains(list, x), inListCost),
        overload('in_map', [a, mapOfAB], bool, (key: CelValue, map: CelMap) => map.get(key) !== undefined),
      ],
    },
    {
      name: 'size',
      overloads: [
        overload('size_bytes', [bytes], int, (value: Uint8Array) => value.length),
        member('bytes_size', [bytes], int, (value: Uint8Array) => value.length),
        overload('size_list', [listOfA], int, length),
        member('list_size', [listOfA], int, length),
        overload('size_map', [mapOfAB], int, length),
        member('map_size', [mapOfAB], int, length),
        overload('size_string', [string], int, characterCount),
        member('string_size', [string], int, characterCount),
      ],
    },
    {
      name: 'type',
      overloads: [overload('type', [a], typeType(a), (value: CelValue) => new CelTypeValue(typeOf(value)))],
    },
    { name: 'dyn', overloads: [overload('to_dyn', [a], dyn, (value: CelValue) => value)] },
    {
      name: 'contains',
      overloads: [
        member(
          'contains_string',
          [string, string],
          bool,
          (x: string, y: string) => new Needle(y).find(x) >= 0,
          containsCost,
        ),
      ],
    },
    {
      name: 'startsWith',
      overloads: [
        member('starts_with_string', [string, string], bool, (x: string, y: string) => x.startsWith(y), affixCost),
      ],
    },
    {
      name: 'endsWith',
      overloads: [
        member('ends_with_string', [string, string], bool, (x: string, y: string) => x.endsWith(y), affixCost),
      ],
    },
    {
      name: 'matches',
      pattern: 1,
      overloads: [
        overload('matches', [string, string], bool, matches),
        member('matches_string', [string, string], bool, matches, patternCost(0, 1)),
      ],
    },
  ],
};

/** What `bytes(string)` costs: every character may become four bytes. */
export { stringToBytesCost };
