/** More functions of lists: `slice`, `flatten`, `sort` …. Source: cel-go's ext/lists.go, version 3. */
import type { CallCost, CallEstimate, CostNode, Range } from '../call-cost.ts';
import {
  actualSizeAt,
  addRanges,
  creationCost,
  exactly,
  multiplyRanges,
  scaleRange,
  sizeAt,
  traversalFactor,
  unbounded,
} from '../call-cost.ts';
import { fail, failNoOverload } from '../cel-error.ts';
import type { CelType } from '../cel-type.ts';
import { celTypes, listType, typeName, typeParam } from '../cel-type.ts';
import { celCompare, celEquals } from '../equality.ts';
import { MacroError } from '../expression-factory.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload as member } from '../library.ts';
import { mapMacro, receiverMacro } from '../macro.ts';
import type { CelInt } from '../numbers.ts';
import type { CelValue } from '../values.ts';
import { CelList } from '../values.ts';
import { typeOf } from '../value-type.ts';
import { comparableTypes } from './lists.ts';

const { int, dyn } = celTypes;
const listOfT = listType(typeParam('T'));

function slice(list: CelList, start: CelInt, end: CelInt): CelList {
  const call = `cannot slice(${start}, ${end})`;
  if (start < 0 || end < 0) fail(`${call}, negative indexes not supported`);
  if (start > end) fail(`${call}, start index must be less than or equal to end index`);
  if (list.size < end) fail(`${call}, list is length ${list.size}`);
  return new CelList([...list.values()].slice(Number(start), Number(end)));
}

function flatten(list: CelValue, depth: CelInt = 1): CelList {
  if (!(list instanceof CelList)) return failNoOverload();
  if (depth < 0) fail('level must be non-negative');
  const flat = (inner: CelList, level: number): CelValue[] =>
    [...inner.values()].flatMap((value) => (value instanceof CelList && level > 0 ? flat(value, level - 1) : [value]));
  return new CelList(flat(list, Number(depth)));
}

/** The elements in the order of their keys. */
function sortBy(list: CelList, keys: CelList): CelList {
  const [elements, by] = [[...list.values()], [...keys.values()]];
  if (elements.length !== by.length) {
    const sizes = `${elements.length} and ${by.length} elements respectively`;
    fail(`@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${sizes}`);
  }
  const kind = typeName(typeOf(by[0] ?? null));
  if (by.some((key) => typeName(typeOf(key)) !== kind)) fail('list elements must have the same type');
  const indexes = by.map((_, index) => index);
  indexes.sort((a, b) => celCompare(by[a] ?? null, by[b] ?? null));
  return new CelList(indexes.map((index) => elements[index]));
}

function range(count: CelInt): CelList {
  // A longer list would be over any budget, but only after it has been made.
  if (count > 10_000_000) fail('lists.range() is limited to 10000000 elements');
  return new CelList(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index));
}

/** As many comparisons as upstream makes, except for scalars, which a Set tells apart. */
function distinct(list: CelList): CelList {
  const kept: CelValue[] = [];
  const scalars = new Set<CelValue>();
  for (const value of list.values()) {
    if (typeof value !== 'object') {
      if (scalars.has(value)) continue;
      scalars.add(value);
    } else if (kept.some((other) => celEquals(other, value))) continue;
    kept.push(value);
  }
  return new CelList(kept);
}

function allocating(factor: number, size: Range): CallEstimate {
  return { cost: addRanges(scaleRange(size, factor), exactly(1 + creationCost.list)), size };
}

const allocated = (factor: number, size: number): number => 1 + creationCost.list + Math.trunc(size * factor);

/** The value of a constant argument. */
function constantOf(node: CostNode | undefined, otherwise: number): number {
  return typeof node?.literal === 'number' ? Math.max(0, node.literal) : otherwise;
}

const outputCost = (size: (args: readonly CostNode[], list: Range) => Range): CallCost => ({
  estimate: (call) => allocating(1, size(call.args, sizeAt(call, 0))),
  actual: (_, result) => allocated(1, result instanceof CelList ? result.size : 1),
});

const sliceCost = outputCost(([, start, end], list) => {
  return exactly(Math.max(0, constantOf(end, list.max) - constantOf(start, 0)));
});
const rangeCost = outputCost(([count]) => exactly(constantOf(count, unbounded)));
const reverseCost = outputCost((_, list) => list);
const flattenCost: CallCost = {
  estimate: (call) => allocating(call.args.length > 1 ? constantOf(call.args[1], unbounded) : 1, sizeAt(call, 0)),
  actual: (args) => allocated(typeof args[1] === 'number' ? args[1] : 1, actualSizeAt(args, 0)),
};

/** Comparing every element with every other. `index`: the argument that is compared. */
function pairwiseCost(index: number, element?: CelType): CallCost {
  const text = (kind: string | undefined): boolean => kind === 'string' || kind === 'bytes';
  return {
    estimate: (call) => {
      const size = sizeAt(call, index);
      return allocating(text(element?.kind) ? 2 + traversalFactor : 2, multiplyRanges(size, size));
    },
    actual: (args) => {
      const list = args[index];
      const size = actualSizeAt(args, index);
      const first = list instanceof CelList && size > 0 ? typeOf(list.at(0)).kind : undefined;
      return allocated(text(first) ? 2 + traversalFactor : 2, size * size);
    },
  };
}

const sortByMacro = receiverMacro('sortBy', 2, (call) => {
  const { factory: f, at, target } = call;
  if (!['list', 'select', 'ident', 'comprehension', 'call'].includes(target.kind)) {
    const message = 'sortBy can only be applied to a list, identifier, comprehension, call or select expression';
    throw new MacroError(target.at, message);
  }
  const name = '@__sortBy_input__';
  const keys = mapMacro({ ...call, target: f.ident(at, name) });
  if (!keys) return undefined;
  const result = f.memberCall(at, '@sortByAssociatedKeys', f.ident(at, name), [keys]);
  return f.binding(at, { name, value: target, result });
});

const idOf = (type: CelType): string => typeName(type);

/** cel-go's own functions of lists. */
export const listExtensions: CelLibrary = {
  name: 'list-extensions',
  macros: [sortByMacro],
  functions: [
    { name: 'slice', overloads: [member('list_slice', [listOfT, int, int], listOfT, slice, sliceCost)] },
    {
      name: 'flatten',
      unguarded: true,
      overloads: [
        member('list_flatten', [listType(listOfT)], listOfT, flatten, flattenCost),
        member('list_flatten_int', [listType(dyn), int], listType(dyn), flatten, flattenCost),
      ],
    },
    {
      name: 'sort',
      overloads: comparableTypes.map((type) =>
        member(
          `list_${idOf(type)}_sort`,
          [listType(type)],
          listType(type),
          (list: CelList) => sortBy(list, list),
          pairwiseCost(0, type),
        ),
      ),
    },
    {
      name: '@sortByAssociatedKeys',
      overloads: comparableTypes.map((type) =>
        member(
          `list_${idOf(type)}_sortByAssociatedKeys`,
          [listOfT, listType(type)],
          listOfT,
          sortBy,
          pairwiseCost(1, type),
        ),
      ),
    },
    { name: 'lists.range', overloads: [globalOverload('lists_range', [int], listType(int), range, rangeCost)] },
    {
      name: 'reverse',
      overloads: [
        member(
          'list_reverse',
          [listOfT],
          listOfT,
          (list: CelList) => new CelList([...list.values()].reverse()),
          reverseCost,
        ),
      ],
    },
    { name: 'distinct', overloads: [member('list_distinct', [listOfT], listOfT, distinct, pairwiseCost(0))] },
  ],
};
