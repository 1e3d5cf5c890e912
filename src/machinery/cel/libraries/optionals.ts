/** Values that may be absent. Source: cel-go's optional library (cel/library.go). */
import { fail } from '../cel-error.ts';
import type { CelType } from '../cel-type.ts';
import { celTypes, listType, mapType, optionalType, typeParam } from '../cel-type.ts';
import type { Expr } from '../ast.ts';
import { MacroError } from '../expression-factory.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload as overload, memberOverload as member } from '../library.ts';
import type { MacroCall } from '../macro.ts';
import { argumentOf, receiverMacro } from '../macro.ts';
import type { CelValue } from '../values.ts';
import { CelDouble, CelDuration, CelList, CelMap, CelOptional, CelTimestamp, CelUint } from '../values.ts';
import { describeType } from '../value-type.ts';

const { bool, int, string, dyn } = celTypes;
const key = typeParam('K');
const value = typeParam('V');
const optional = optionalType(value);
const list = listType(value);
const map = mapType(key, value);
const optionals = listType(optional);

/** The planner does these itself: they don't always look at their last argument. */
const planned = (): never => fail('no such overload');

function isZero(found: CelValue): boolean {
  if (found === null || found === false || found === 0 || found === '') return true;
  if (found instanceof CelDouble) return found.value === 0;
  if (found instanceof CelUint) return found.value === 0n;
  if (found instanceof Uint8Array) return found.length === 0;
  if (found instanceof CelList || found instanceof CelMap) return found.size === 0;
  if (found instanceof CelDuration) return found.nanos === 0n;
  // Go's zero time is the first moment of year 1.
  if (found instanceof CelTimestamp) return found.seconds === -62_135_596_800 && found.nanos === 0;
  return found instanceof CelOptional && found.value === undefined;
}

function unwrap(values: CelList): CelList {
  const found: CelValue[] = [];
  for (const element of values.values()) {
    if (!(element instanceof CelOptional)) fail(`value ${describeType(element)} is not optional`);
    if (element.value !== undefined) found.push(element.value);
  }
  return new CelList(found);
}

const at = (values: CelList, index: number): CelOptional =>
  values.size === 0 ? CelOptional.none : new CelOptional(values.at(index));

/** `x.optMap(v, …)`: a condition on `x.hasValue()` around a binding of `x.value()`. */
function optionalMacro(name: string, wrap: (call: MacroCall, expr: Expr) => Expr) {
  return receiverMacro(name, 2, (call) => {
    const { factory: f, at, target } = call;
    const variable = argumentOf(call, 0);
    if (variable.kind !== 'ident') {
      throw new MacroError(variable.at, `${name}() variable name must be a simple identifier`);
    }
    const found = f.memberCall(at, 'value', f.copy(target), []);
    const bound = f.binding(at, { name: variable.name, value: found, result: argumentOf(call, 1) });
    const present = f.memberCall(at, 'hasValue', target, []);
    return f.call(at, '_?_:_', [present, wrap(call, bound), f.call(at, 'optional.none', [])]);
  });
}

const index = (id: string, container: CelType, by: CelType) => overload(id, [container, by], optional, planned);

/** The optional library. */
export const optionalValues: CelLibrary = {
  name: 'optionals',
  types: [optionalType(dyn)],
  macros: [
    optionalMacro('optMap', ({ factory, at }, expr) => factory.call(at, 'optional.of', [expr])),
    optionalMacro('optFlatMap', (_, expr) => expr),
  ],
  functions: [
    {
      name: 'optional.of',
      overloads: [overload('optional_of', [value], optional, (found: CelValue) => new CelOptional(found))],
    },
    {
      name: 'optional.ofNonZeroValue',
      overloads: [
        overload('optional_ofNonZeroValue', [value], optional, (found: CelValue) =>
          isZero(found) ? CelOptional.none : new CelOptional(found),
        ),
      ],
    },
    { name: 'optional.none', overloads: [overload('optional_none', [], optional, () => CelOptional.none)] },
    {
      name: 'value',
      overloads: [
        member('optional_value', [optional], value, (found: CelOptional) =>
          found.value === undefined ? fail('optional.none() dereference') : found.value,
        ),
      ],
    },
    {
      name: 'hasValue',
      overloads: [member('optional_hasValue', [optional], bool, (found: CelOptional) => found.value !== undefined)],
    },
    { name: 'or', overloads: [member('optional_or_optional', [optional, optional], optional, planned)] },
    { name: 'orValue', overloads: [member('optional_orValue_value', [optional, value], value, planned)] },
    { name: '_?._', overloads: [overload('select_optional_field', [dyn, string], optional, planned)] },
    {
      name: '_[?_]',
      overloads: [
        index('list_optindex_optional_int', list, int),
        index('optional_list_optindex_optional_int', optionalType(list), int),
        index('map_optindex_optional_value', map, key),
        index('optional_map_optindex_optional_value', optionalType(map), key),
      ],
    },
    {
      name: '_[_]',
      overloads: [
        index('optional_list_index_int', optionalType(list), int),
        index('optional_map_index_value', optionalType(map), key),
      ],
    },
    { name: 'first', overloads: [member('list_first', [list], optional, (values: CelList) => at(values, 0))] },
    {
      name: 'last',
      overloads: [member('list_last', [list], optional, (values: CelList) => at(values, values.size - 1))],
    },
    { name: 'optional.unwrap', overloads: [overload('optional_unwrap', [optionals], list, unwrap)] },
    { name: 'unwrapOpt', overloads: [member('optional_unwrapOpt', [optionals], list, unwrap)] },
  ],
};
