/** Kubernetes' functions of lists. Source: apiserver's pkg/cel/library/lists.go. */
import { fail, failNoOverload } from '../cel-error.ts';
import type { CelType } from '../cel-type.ts';
import { celTypes, listType, typeParam } from '../cel-type.ts';
import { celCompare, celEquals } from '../equality.ts';
import type { CelLibrary, Overload } from '../library.ts';
import { memberOverload as member } from '../library.ts';
import { addInts, checkedUint } from '../numbers.ts';
import { durationOf } from '../timestamps.ts';
import type { CelList, CelValue } from '../values.ts';
import { CelDouble, CelDuration, CelUint } from '../values.ts';
import { searchCost } from './kubernetes-costs.ts';

const { int, uint, double, bool, duration, timestamp, string, bytes } = celTypes;

/** Types whose values have an order. */
export const comparableTypes: readonly CelType[] = [int, uint, double, bool, duration, timestamp, string, bytes];

/** Types whose values can be added, with their zeros. */
const zeros = new Map<CelType, CelValue>([
  [int, 0],
  [uint, new CelUint(0n)],
  [double, new CelDouble(0)],
  [duration, new CelDuration(0n)],
]);

function isSorted(list: CelList): boolean {
  for (let index = 1; index < list.size; index++) {
    if (celCompare(list.at(index - 1), list.at(index)) > 0) return false;
  }
  return true;
}

function add(a: CelValue, b: CelValue): CelValue {
  if (a instanceof CelDouble && b instanceof CelDouble) return new CelDouble(a.value + b.value);
  if (a instanceof CelUint && b instanceof CelUint) return checkedUint(a.value + b.value);
  if (a instanceof CelDuration && b instanceof CelDuration) return durationOf(a.nanos + b.nanos);
  if (typeof a === 'object' || typeof b === 'object' || typeof a === 'string' || typeof b === 'string')
    failNoOverload();
  if (typeof a === 'boolean' || typeof b === 'boolean') return failNoOverload();
  return addInts(a, b);
}

/** The element that the others are not `sign` of: 1 for the smallest, -1 for the largest. */
function extreme(list: CelList, name: string, sign: number): CelValue {
  if (list.size === 0) fail(`${name} called on empty list`);
  let found = list.at(0);
  for (let index = 1; index < list.size; index++) {
    const value = list.at(index);
    if (celCompare(found, value) * sign > 0) found = value;
  }
  return found;
}

function indexOf(list: CelList, value: CelValue): number {
  for (let index = 0; index < list.size; index++) if (celEquals(list.at(index), value)) return index;
  return -1;
}

function lastIndexOf(list: CelList, value: CelValue): number {
  for (let index = list.size - 1; index >= 0; index--) if (celEquals(list.at(index), value)) return index;
  return -1;
}

const each = (make: (type: CelType) => Overload): Overload[] => comparableTypes.map(make);
const a = typeParam('A');

/** `sum`, `min`, `max`, `isSorted`, `indexOf`, `lastIndexOf`. */
export const listFunctions: CelLibrary = {
  name: 'lists',
  functions: [
    {
      name: 'isSorted',
      cost: searchCost,
      overloads: each((type) => member(`list_${type.kind}_is_sorted_bool`, [listType(type)], bool, isSorted)),
    },
    {
      name: 'sum',
      cost: searchCost,
      overloads: [...zeros].map(([type, zero]) =>
        member(`list_${type.kind}_sum_${type.kind}`, [listType(type)], type, (list: CelList) =>
          [...list.values()].reduce(add, zero),
        ),
      ),
    },
    {
      name: 'max',
      cost: searchCost,
      overloads: each((type) =>
        member(`list_${type.kind}_max_${type.kind}`, [listType(type)], type, (list: CelList) =>
          extreme(list, 'max', -1),
        ),
      ),
    },
    {
      name: 'min',
      cost: searchCost,
      overloads: each((type) =>
        member(`list_${type.kind}_min_${type.kind}`, [listType(type)], type, (list: CelList) =>
          extreme(list, 'min', 1),
        ),
      ),
    },
    { name: 'indexOf', cost: searchCost, overloads: [member('list_a_index_of_int', [listType(a), a], int, indexOf)] },
    {
      name: 'lastIndexOf',
      cost: searchCost,
      overloads: [member('list_a_last_index_of_int', [listType(a), a], int, lastIndexOf)],
    },
  ],
};
