/** Macros: calls that the parser replaces. The standard ones are here; libraries bring more. */
import type { Expr } from './ast.ts';
import { accumulatorName } from './ast.ts';
import { MacroError } from './expression-factory.ts';
import type { ExpressionFactory } from './expression-factory.ts';

/** What a macro gets to see of its call. */
export interface MacroCall {
  readonly factory: ExpressionFactory;
  /** The position of the call, which the nodes made for it get. */
  readonly at: number;
  /** The receiver; of a global macro a node without meaning. */
  readonly target: Expr;
  readonly args: readonly Expr[];
}

/** A macro: matched by name, number of arguments and whether it has a receiver. */
export interface Macro {
  readonly name: string;
  readonly argCount: number;
  readonly receiver: boolean;
  /** The replacement; undefined leaves the call as it is. Throws `MacroError` for wrong arguments. */
  expand(call: MacroCall): Expr | undefined;
}

/** A macro `range.name(…)`. */
export function receiverMacro(name: string, argCount: number, expand: Macro['expand']): Macro {
  return { name, argCount, receiver: true, expand };
}

/** The arguments of a macro, whose number has been matched. */
export function argumentOf(call: MacroCall, index: number): Expr {
  const arg = call.args[index];
  if (!arg) throw new RangeError(`macro without argument ${index}`);
  return arg;
}

/** The name that an argument introduces. `complaint` is what is said when it is no plain name. */
export function variableOf(arg: Expr, complaint: string): string {
  if (arg.kind !== 'ident') throw new MacroError(arg.at, complaint);
  if (arg.name === accumulatorName || arg.name === '__result__') {
    throw new MacroError(arg.at, 'iteration variable overwrites accumulator variable');
  }
  return arg.name;
}

/** The variables of a loop: one, or index or key with the value. */
export interface LoopVariables {
  readonly variable: string;
  readonly variable2: string | undefined;
}

/** `all`: true unless the predicate is false somewhere; a false absorbs errors. */
export function allOf(call: MacroCall, variables: LoopVariables, predicate: Expr): Expr {
  const { factory: f, at, target } = call;
  return f.comprehension(at, {
    ...variables,
    range: target,
    accumulator: accumulatorName,
    initial: f.literal(at, true),
    condition: f.call(at, '@not_strictly_false', [f.accumulator(at)]),
    step: f.call(at, '_&&_', [f.accumulator(at), predicate]),
    result: f.accumulator(at),
  });
}

/** `exists`: false unless the predicate is true somewhere; a true absorbs errors. */
export function existsOf(call: MacroCall, variables: LoopVariables, predicate: Expr): Expr {
  const { factory: f, at, target } = call;
  return f.comprehension(at, {
    ...variables,
    range: target,
    accumulator: accumulatorName,
    initial: f.literal(at, false),
    condition: f.call(at, '@not_strictly_false', [f.call(at, '!_', [f.accumulator(at)])]),
    step: f.call(at, '_||_', [f.accumulator(at), predicate]),
    result: f.accumulator(at),
  });
}

/** `existsOne`: counts, and looks at the count. */
export function existsOneOf(call: MacroCall, variables: LoopVariables, predicate: Expr): Expr {
  const { factory: f, at, target } = call;
  const more = f.call(at, '_+_', [f.accumulator(at), f.literal(at, 1)]);
  return f.comprehension(at, {
    ...variables,
    range: target,
    accumulator: accumulatorName,
    initial: f.literal(at, 0),
    condition: f.literal(at, true),
    step: f.call(at, '_?_:_', [predicate, more, f.accumulator(at)]),
    result: f.call(at, '_==_', [f.accumulator(at), f.literal(at, 1)]),
  });
}

/** `map` and `filter`: adds `transform` to a list wherever `filter` (if any) holds. */
export function listOf(
  call: MacroCall,
  variables: LoopVariables,
  { transform, filter }: { readonly transform: Expr; readonly filter: Expr | undefined },
): Expr {
  const { factory: f, at, target } = call;
  const add = f.call(at, '_+_', [f.accumulator(at), f.list(at, [transform])]);
  return f.comprehension(at, {
    ...variables,
    range: target,
    accumulator: accumulatorName,
    initial: f.list(at, []),
    condition: f.literal(at, true),
    step: filter ? f.call(at, '_?_:_', [filter, add, f.accumulator(at)]) : add,
    result: f.accumulator(at),
  });
}

const single = (call: MacroCall, complaint: string): LoopVariables => ({
  variable: variableOf(argumentOf(call, 0), complaint),
  variable2: undefined,
});
const simpleName = 'argument must be a simple name';
const identifier = 'argument is not an identifier';

const has: Macro = {
  name: 'has',
  argCount: 1,
  receiver: false,
  expand({ factory, at, args: [arg] }) {
    if (arg?.kind === 'select') return factory.presenceTest(at, arg.operand, arg.field);
    throw new MacroError(arg?.at ?? at, 'invalid argument to has() macro');
  },
};

const existsOne: Macro['expand'] = (call) => existsOneOf(call, single(call, simpleName), argumentOf(call, 1));

/** `map(v, transform)` and `map(v, filter, transform)`. */
export const mapMacro: Macro['expand'] = (call) =>
  listOf(call, single(call, identifier), {
    transform: argumentOf(call, call.args.length - 1),
    filter: call.args.length === 3 ? call.args[1] : undefined,
  });

/** The macros of the language. Source: cel-go's parser/macro.go. */
export const standardMacros: readonly Macro[] = [
  has,
  receiverMacro('all', 2, (call) => allOf(call, single(call, simpleName), argumentOf(call, 1))),
  receiverMacro('exists', 2, (call) => existsOf(call, single(call, simpleName), argumentOf(call, 1))),
  receiverMacro('exists_one', 2, existsOne),
  receiverMacro('existsOne', 2, existsOne),
  receiverMacro('map', 2, mapMacro),
  receiverMacro('map', 3, mapMacro),
  receiverMacro('filter', 2, (call) =>
    listOf(call, single(call, identifier), { transform: argumentOf(call, 0), filter: argumentOf(call, 1) }),
  ),
];
