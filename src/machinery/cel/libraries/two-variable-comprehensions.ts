/** Macros with index or key, and value. Source: cel-go's ext/comprehensions.go. */
import type { Expr } from '../ast.ts';
import { accumulatorName } from '../ast.ts';
import { fail } from '../cel-error.ts';
import { mapType, typeParam } from '../cel-type.ts';
import { MacroError } from '../expression-factory.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload } from '../library.ts';
import type { LoopVariables, Macro, MacroCall } from '../macro.ts';
import { allOf, argumentOf, existsOf, existsOneOf, listOf, receiverMacro, variableOf } from '../macro.ts';
import type { CelMap, CelValue } from '../values.ts';
import { EntryMap } from '../values.ts';

function variablesOf(call: MacroCall): LoopVariables {
  const [first, second] = [argumentOf(call, 0), argumentOf(call, 1)];
  const complaint = 'argument must be a simple name';
  const [variable, variable2] = [variableOf(first, complaint), variableOf(second, complaint)];
  if (variable === variable2) throw new MacroError(second.at, `duplicate variable name: ${variable}`);
  return { variable, variable2 };
}

/** The last argument, and the one before it where there are four. */
function transformOf(call: MacroCall): { readonly transform: Expr; readonly filter: Expr | undefined } {
  const { length } = call.args;
  return { transform: argumentOf(call, length - 1), filter: length === 4 ? call.args[2] : undefined };
}

/** A fold into a map: `insert` makes the call that adds to the accumulator. */
function mapOf(call: MacroCall, insert: (variables: LoopVariables, transform: Expr) => Expr): Expr {
  const { factory: f, at, target } = call;
  const variables = variablesOf(call);
  const { transform, filter } = transformOf(call);
  const add = insert(variables, transform);
  return f.comprehension(at, {
    ...variables,
    range: target,
    accumulator: accumulatorName,
    initial: f.map(at),
    condition: f.literal(at, true),
    step: filter ? f.call(at, '_?_:_', [filter, add, f.accumulator(at)]) : add,
    result: f.accumulator(at),
  });
}

const transformMap: Macro['expand'] = (call) => {
  const { factory: f, at } = call;
  return mapOf(call, ({ variable }, transform) =>
    f.call(at, 'cel.@mapInsert', [f.accumulator(at), f.ident(at, variable), transform]),
  );
};

const transformMapEntry: Macro['expand'] = (call) => {
  const { factory: f, at } = call;
  return mapOf(call, (_, transform) => f.call(at, 'cel.@mapInsert', [f.accumulator(at), transform]));
};

const transformList: Macro['expand'] = (call) => listOf(call, variablesOf(call), transformOf(call));
const existsOne: Macro['expand'] = (call) => existsOneOf(call, variablesOf(call), argumentOf(call, 2));

const [key, value] = [typeParam('K'), typeParam('V')];
const map = mapType(key, value);

function inserted(into: CelMap, entries: Iterable<readonly [CelValue, CelValue]>): EntryMap {
  const copy = new EntryMap(Array.from(into.keys(), (found) => [found, into.get(found) ?? null] as const));
  for (const [name, found] of entries) {
    if (copy.get(name) !== undefined) fail(`insert failed: key ${String(name)} already exists`);
    copy.set(name, found);
  }
  return copy;
}

/** Two-variable comprehensions. */
export const twoVariableComprehensions: CelLibrary = {
  name: 'two-variable-comprehensions',
  macros: [
    receiverMacro('all', 3, (call) => allOf(call, variablesOf(call), argumentOf(call, 2))),
    receiverMacro('exists', 3, (call) => existsOf(call, variablesOf(call), argumentOf(call, 2))),
    receiverMacro('existsOne', 3, existsOne),
    receiverMacro('exists_one', 3, existsOne),
    ...[3, 4].flatMap((count) => [
      receiverMacro('transformList', count, transformList),
      receiverMacro('transformMap', count, transformMap),
      receiverMacro('transformMapEntry', count, transformMapEntry),
    ]),
  ],
  functions: [
    {
      name: 'cel.@mapInsert',
      overloads: [
        globalOverload(
          '@mapInsert_map_key_value',
          [map, key, value],
          map,
          (into: CelMap, name: CelValue, found: CelValue) => inserted(into, [[name, found]]),
        ),
        globalOverload('@mapInsert_map_map', [map, map], map, (into: CelMap, other: CelMap) =>
          inserted(
            into,
            Array.from(other.keys(), (name) => [name, other.get(name) ?? null] as const),
          ),
        ),
      ],
    },
  ],
};
