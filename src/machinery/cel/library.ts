/** Libraries are data: functions with their overloads, macros, types, and what calls cost. */
import type { CelType, ObjectType } from './cel-type.ts';
import type { CallCost } from './call-cost.ts';
import type { Macro } from './macro.ts';
import type { CelValue } from './values.ts';

/** What a function does. The planner only calls it with values of the declared types. */
export type Implementation = (...args: never[]) => CelValue;

/** One signature of a function. */
export interface Overload {
  readonly id: string;
  /** The receiver, if any, is the first. */
  readonly args: readonly CelType[];
  readonly result: CelType;
  readonly member: boolean;
  readonly call: Implementation;
  /** What a call costs when this overload is known to be meant. Default: the function's, else 1. */
  readonly cost?: CallCost | undefined;
}

/** A function: its overloads are tried in order. */
export interface CelFunction {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** What a call costs, whichever overload is meant. */
  readonly cost?: CallCost | undefined;
  /** Which argument, if any, is a regular expression. */
  readonly pattern?: number | undefined;
  /** The implementations look at the types of dynamic arguments themselves. */
  readonly unguarded?: boolean | undefined;
}

/** A message type that expressions may construct: `JSONPatch{op: 'add'}`. */
export interface MessageType {
  readonly type: ObjectType;
  /** The value made of the fields that were set. Throws `CelFailure`. */
  construct(fields: ReadonlyMap<string, CelValue>): CelValue;
}

/** A set of functions, macros and types that belong together. */
export interface CelLibrary {
  readonly name: string;
  readonly functions?: readonly CelFunction[];
  readonly macros?: readonly Macro[];
  /** Types that expressions may name as values: `type(x) == net.IP`. */
  readonly types?: readonly CelType[];
  /** Message types by name, for libraries that don't know all of them beforehand. */
  message?(name: string): MessageType | undefined;
}

/** A function `name(args)`. */
export function globalOverload(
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: Implementation,
  cost?: CallCost,
): Overload {
  return { id, args, result, member: false, call, cost };
}

/** A function `receiver.name(args)`; the receiver's type is the first of `args`. */
export function memberOverload(
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: Implementation,
  cost?: CallCost,
): Overload {
  return { id, args, result, member: true, call, cost };
}

/** The functions of several libraries by name, with the overloads of all. */
export function mergeFunctions(libraries: readonly CelLibrary[]): ReadonlyMap<string, CelFunction> {
  const functions = new Map<string, CelFunction>();
  for (const { functions: declared = [] } of libraries) {
    for (const added of declared) {
      const known = functions.get(added.name);
      const overloads = known ? [...known.overloads, ...added.overloads] : added.overloads;
      functions.set(added.name, { ...added, ...known, overloads });
    }
  }
  return functions;
}
