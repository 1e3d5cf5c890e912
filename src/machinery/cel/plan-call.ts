/** Compiles calls: of operators that see errors or skip arguments, and of functions by their overloads. */
import type { CallExpr } from './ast.ts';
import type { CallCost } from './call-cost.ts';
import { CelFailure, failNoOverload, isAbsorbable } from './cel-error.ts';
import type { CelType, MapType } from './cel-type.ts';
import { typeName } from './cel-type.ts';
import type { CheckedCall } from './checked-expr.ts';
import { celEquals } from './equality.ts';
import type { Frame, Step } from './frame.ts';
import type { Overload } from './library.ts';
import { patternOf } from './patterns.ts';
import type { Plan } from './plan.ts';
import { constantPlan, pathPlan, valuePlan } from './plan.ts';
import { planIndex } from './plan-path.ts';
import type { Planner } from './planner.ts';
import type { CelValue } from './values.ts';
import { CelList, CelMap, CelOptional, CelTypeValue, mapKey } from './values.ts';
import { typeOf } from './value-type.ts';

type Call = (...args: readonly CelValue[]) => CelValue;

/** Type conversions of constants are done when the expression is compiled. */
const conversions = new Set('bool bytes double duration dyn int string timestamp type uint'.split(' '));

/** Plans a call. */
export function planCall(planner: Planner, expr: CallExpr): Plan {
  switch (expr.name) {
    case '_?._':
    case '_[?_]':
      return planIndex(planner, expr, true);
    case '_[_]':
      return planIndex(planner, expr, false);
    default:
  }
  const checked = planner.checked.calls.get(expr.id);
  if (!checked) throw new RangeError(`checked call ${expr.name} is not declared`);
  const exprs = checked.qualified || !expr.target ? expr.args : [expr.target, ...expr.args];
  const plans = exprs.map((arg) => planner.plan(arg));
  compilePattern(checked, plans);
  const special = planSpecial(expr.name, checked, plans);
  if (special) return special;
  const step = planOverloads(
    checked,
    plans.map(({ evaluate }) => evaluate),
    exprs.map((arg) => planner.typeOf(arg)),
  );
  const [only] = plans;
  if (plans.length === 1 && only?.constant && conversions.has(checked.function.name))
    return fold(checked, only.constant);
  return valuePlan(step);
}

/** Patterns that are constants are compiled with the expression, and found wrong then. */
function compilePattern({ function: { pattern } }: CheckedCall, plans: readonly Plan[]): void {
  const constant = pattern === undefined ? undefined : plans[pattern]?.constant;
  if (typeof constant?.value === 'string') patternOf(constant.value);
}

function fold(checked: CheckedCall, { value }: { readonly value: CelValue }): Plan {
  const overload = checked.overloads.find(({ args }) => args[0] && matches(args[0], value));
  return constantPlan(overload ? (overload.call as Call)(value) : failNoOverload());
}

function planSpecial(name: string, checked: CheckedCall, plans: readonly Plan[]): Plan | undefined {
  const [first, second, third] = plans;
  const id = checked.overloads.length === 1 ? checked.overloads[0]?.id : undefined;
  if (!first) return undefined;
  switch (name) {
    case '_&&_':
      return second && valuePlan(logic(first.evaluate, second.evaluate, false));
    case '_||_':
      return second && valuePlan(logic(first.evaluate, second.evaluate, true));
    case '_?_:_':
      return second && third && conditional(first, second, third);
    case '@not_strictly_false':
      return valuePlan(notStrictlyFalse(first.evaluate));
    case '_==_':
      return second && valuePlan(equality(first.evaluate, second.evaluate, checked));
    case '@in':
      return second?.constant && id === 'in_list' ? membership(first.evaluate, second.constant.value) : undefined;
    case 'or':
    case 'orValue':
      if (id !== 'optional_or_optional' && id !== 'optional_orValue_value') return undefined;
      return second && valuePlan(orElse(first.evaluate, second.evaluate, name === 'or'));
    default:
      return undefined;
  }
}

/** `&&` (absorbing false) and `||` (absorbing true): the absorbing value wins over an error on either side. */
function logic(left: Step, right: Step, absorbing: boolean): Step {
  const other = (frame: Frame, failure: unknown): CelValue => {
    if (right(frame) === absorbing) return absorbing;
    throw failure;
  };
  return (frame) => {
    let value: CelValue;
    try {
      value = left(frame);
    } catch (error) {
      if (isAbsorbable(error)) return other(frame, error);
      throw error;
    }
    if (value === absorbing) return absorbing;
    if (typeof value !== 'boolean') return other(frame, new CelFailure('no such overload'));
    const result = right(frame);
    return typeof result === 'boolean' ? result : failNoOverload();
  };
}

function notStrictlyFalse(operand: Step): Step {
  return (frame) => {
    frame.charge(1);
    try {
      return operand(frame) !== false;
    } catch (error) {
      if (isAbsorbable(error)) return true;
      throw error;
    }
  };
}

function conditional(condition: Plan, whenTrue: Plan, whenFalse: Plan): Plan {
  const [test, yes, no] = [condition.evaluate, whenTrue.resolve, whenFalse.resolve];
  return pathPlan((frame) => {
    const value = test(frame);
    if (value === true) return yes(frame);
    return value === false ? no(frame) : failNoOverload();
  }, 'condition');
}

function equality(left: Step, right: Step, { overloads }: CheckedCall): Step {
  const cost = overloads[0]?.cost?.actual;
  return (frame) => {
    frame.cost++;
    const a = left(frame);
    const b = right(frame);
    const equal = celEquals(a, b);
    const scalar = typeof a === 'number' || typeof a === 'boolean';
    if (!scalar && cost) frame.charge((cost([a, b], equal) ?? 1) - 1);
    return equal;
  };
}

/** `x in [constants]` looks the value up and is free, as it is in cel-go. */
function membership(operand: Step, list: CelValue): Plan | undefined {
  if (!(list instanceof CelList)) return undefined;
  const keys = new Set<unknown>();
  for (const value of list.values()) {
    const key = mapKey(value);
    if (key === undefined) return undefined;
    keys.add(key);
  }
  if (keys.size === 0) return constantPlan(false);
  return valuePlan((frame) => {
    const key = mapKey(operand(frame));
    return key !== undefined && keys.has(key);
  });
}

function orElse(left: Step, right: Step, optional: boolean): Step {
  return (frame) => {
    const value = left(frame);
    if (!(value instanceof CelOptional)) return failNoOverload();
    if (value.value === undefined) return right(frame);
    return optional ? value : value.value;
  };
}

/** A call with its arguments evaluated; the overload is chosen now where types say enough, else at run time. */
function planOverloads(checked: CheckedCall, args: readonly Step[], types: readonly CelType[]): Step {
  const { overloads, function: declared } = checked;
  const [only] = overloads;
  const cost = (overloads.length === 1 ? only?.cost : undefined) ?? declared.cost;
  const single = only && overloads.length === 1;
  const certain = single && (declared.unguarded || types.every((type, index) => isCertain(only.args[index], type)));
  return applied(certain ? (only.call as Call) : dispatch(overloads), args, cost);
}

function isCertain(declared: CelType | undefined, found: CelType): boolean {
  if (!declared) return false;
  return declared.kind === 'dyn' || declared.kind === 'param' || declared.kind === found.kind;
}

function dispatch(overloads: readonly Overload[]): Call {
  return (...values) => {
    const found = overloads.find(({ args }) => args.every((type, index) => matches(type, values[index] ?? null)));
    return found ? (found.call as Call)(...values) : failNoOverload();
  };
}

/** Whether a value has a declared type, as far as it shows at run time. */
function matches(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'any':
    case 'param':
      return true;
    case 'list':
      return value instanceof CelList && (value.size === 0 || matches(type.element, value.at(0)));
    case 'map':
      return value instanceof CelMap && matchesFirst(type, value);
    case 'type':
      return value instanceof CelTypeValue;
    default:
      return typeName(typeOf(value)) === typeName(type);
  }
}

/** Elements are as the first one, upstream assumes. */
function matchesFirst({ key, value }: MapType, map: CelMap): boolean {
  for (const first of map.keys()) return matches(key, first) && matches(value, map.get(first) ?? null);
  return true;
}

/** A call is charged 1 before its arguments are evaluated, since one whose argument failed costs as much. */
function applied(call: Call, args: readonly Step[], cost: CallCost | undefined): Step {
  const [first, second] = args;
  const actual = cost?.actual;
  if (args.length === 1 && first) {
    return (frame) => {
      frame.cost++;
      const a = first(frame);
      const result = call(a);
      frame.charge(actual ? (actual([a], result) ?? 1) - 1 : 0);
      return result;
    };
  }
  if (args.length === 2 && first && second) {
    return (frame) => {
      frame.cost++;
      const a = first(frame);
      const b = second(frame);
      const result = call(a, b);
      frame.charge(actual ? (actual([a, b], result) ?? 1) - 1 : 0);
      return result;
    };
  }
  return (frame) => {
    frame.cost++;
    const values = args.map((arg) => arg(frame));
    const result = call(...values);
    frame.charge(actual ? (actual(values, result) ?? 1) - 1 : 0);
    return result;
  };
}
