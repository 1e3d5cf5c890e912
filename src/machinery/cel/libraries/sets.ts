/** Lists as sets. Source: cel-go's ext/sets.go. */
import type { CallCost } from '../call-cost.ts';
import { actualSizeAt, addRanges, exactly, multiplyRanges, scaleRange, sizeAt } from '../call-cost.ts';
import { celTypes, listType, typeParam } from '../cel-type.ts';
import { listContains } from '../equality.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload as overload } from '../library.ts';
import type { CelList } from '../values.ts';

const list = listType(typeParam('T'));
const { bool } = celTypes;

const contains = (all: CelList, some: CelList): boolean => some.values().every((value) => listContains(all, value));
const intersects = (a: CelList, b: CelList): boolean => a.values().some((value) => listContains(b, value));
const equivalent = (a: CelList, b: CelList): boolean => contains(a, b) && contains(b, a);

/** Every element is compared with every other, `factor` times. */
function setCost(factor: number): CallCost {
  return {
    estimate: (call) => {
      const size = multiplyRanges(sizeAt(call, 0), sizeAt(call, 1));
      return { cost: addRanges(scaleRange(size, factor), exactly(1)) };
    },
    actual: (args) => 1 + actualSizeAt(args, 0) * actualSizeAt(args, 1) * factor,
  };
}

/** `sets.contains`, `sets.equivalent`, `sets.intersects`. */
export const sets: CelLibrary = {
  name: 'sets',
  functions: [
    {
      name: 'sets.contains',
      overloads: [overload('list_sets_contains_list', [list, list], bool, contains, setCost(1))],
    },
    {
      name: 'sets.equivalent',
      overloads: [overload('list_sets_equivalent_list', [list, list], bool, equivalent, setCost(2))],
    },
    {
      name: 'sets.intersects',
      overloads: [overload('list_sets_intersects_list', [list, list], bool, intersects, setCost(1))],
    },
  ],
};
