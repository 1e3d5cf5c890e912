/** Compiles comprehensions. Quantifiers and collecting macros have loops of their own; the rest has the general one. */
import type { ComprehensionExpr, Expr } from './ast.ts';
import { accumulatorName } from './ast.ts';
import { creationCost } from './call-cost.ts';
import type { CelError } from './cel-error.ts';
import { CelFailure, fail, failNoOverload, isAbsorbable } from './cel-error.ts';
import type { Frame, Step } from './frame.ts';
import type { Plan } from './plan.ts';
import { valuePlan } from './plan.ts';
import type { Local, Planner } from './planner.ts';
import type { CelValue } from './values.ts';
import { CelList, CelMap, EntryMap } from './values.ts';
import { describeType } from './value-type.ts';

/** Runs `body` for every element; `body` says whether to go on. */
type Loop = (frame: Frame, range: CelValue, body: () => boolean) => void;

/** Plans a comprehension. */
export function planComprehension(planner: Planner, expr: ComprehensionExpr): Plan {
  if (isBinding(expr)) return planBinding(planner, expr);
  const range = planner.plan(expr.range).evaluate;
  const locals: Local[] = [{ name: expr.variable, slot: planner.newSlot() }];
  if (expr.variable2 !== undefined) locals.push({ name: expr.variable2, slot: planner.newSlot() });
  const loop = planLoop(locals.map(({ slot }) => slot));
  const parts: LoopParts = { planner, expr, range, locals, loop };
  const quantifier = expr.accumulator === accumulatorName ? planQuantifier(parts) : undefined;
  return valuePlan(quantifier ?? planFold(parts));
}

interface LoopParts {
  readonly planner: Planner;
  readonly expr: ComprehensionExpr;
  readonly range: Step;
  readonly locals: readonly Local[];
  readonly loop: Loop;
}

function isBinding({ range, condition }: ComprehensionExpr): boolean {
  return (
    range.kind === 'list' && range.elements.length === 0 && condition.kind === 'literal' && condition.value === false
  );
}

/** `cel.bind` and `optMap`: the value is computed when it is first asked for. */
function planBinding(planner: Planner, expr: ComprehensionExpr): Plan {
  const slot = planner.newSlot();
  const local: Local = { name: expr.accumulator, slot, initial: planner.plan(expr.initial).evaluate };
  const result = planner.within([local], () => planner.plan(expr.result).evaluate);
  return valuePlan((frame) => {
    frame.locals[slot] = undefined;
    return result(frame);
  });
}

function planLoop([first = 0, second]: readonly number[]): Loop {
  return (frame, range, body) => {
    const { locals } = frame;
    if (range instanceof CelList) {
      for (let index = 0; index < range.size; index++) {
        frame.tick();
        locals[first] = second === undefined ? range.at(index) : index;
        if (second !== undefined) locals[second] = range.at(index);
        if (!body()) return;
      }
      return;
    }
    if (!(range instanceof CelMap)) fail(`got '${describeType(range)}', expected iterable type`);
    for (const key of range.keys()) {
      frame.tick();
      locals[first] = key;
      if (second !== undefined) locals[second] = range.get(key) ?? null;
      if (!body()) return;
    }
  };
}

/** `all` and `exists`, recognized by their steps. What is charged is what the expanded expressions would cost. */
function planQuantifier({ planner, expr, range, locals, loop }: LoopParts): Step | undefined {
  const { step, condition, initial } = expr;
  if (step.kind !== 'call' || condition.kind !== 'call' || condition.name !== '@not_strictly_false') return undefined;
  const predicateExpr = step.args[1];
  if (!predicateExpr || initial.kind !== 'literal') return undefined;
  const predicate = planner.within(locals, () => planner.plan(predicateExpr).evaluate);
  const absorbing = step.name === '_||_';
  // all: @not_strictly_false(@result), exists: @not_strictly_false(!@result); then @result && predicate.
  const conditionCost = absorbing ? 3 : 2;
  return (frame) => {
    let failure: CelFailure | CelError | undefined;
    let found = false;
    loop(frame, range(frame), () => {
      frame.cost += conditionCost;
      if (found) return false;
      frame.cost++;
      try {
        const value = predicate(frame);
        if (value === absorbing) found = true;
        else if (typeof value !== 'boolean') failure ??= new CelFailure('no such overload');
      } catch (error) {
        if (!isAbsorbable(error)) throw error;
        failure ??= error;
      }
      return true;
    });
    frame.charge(1);
    if (found) return absorbing;
    if (failure) throw failure;
    return !absorbing;
  };
}

/** What a step does with the accumulator in place, when it only ever adds to it. */
type Collect = (frame: Frame, into: CelValue) => void;

function planFold(parts: LoopParts): Step {
  const { planner, expr, range, locals, loop } = parts;
  const slot = planner.newSlot();
  const accumulator: Local = { name: expr.accumulator, slot };
  const initial = planner.plan(expr.initial);
  return planner.within([accumulator], () => {
    const result = planner.plan(expr.result).evaluate;
    const collecting = isEmptyContainer(expr.initial);
    const body = planner.within(locals, () => ({
      condition: expr.condition.kind === 'literal' ? undefined : planner.plan(expr.condition).evaluate,
      collect: collecting ? planCollect(planner, expr.step) : undefined,
      step: planner.plan(expr.step).evaluate,
    }));
    return (frame) => {
      const values = range(frame);
      const { condition, collect, step } = body;
      const container = collect && newContainer(expr.initial);
      frame.locals[slot] = container ?? initial.evaluate(frame);
      loop(frame, values, () => {
        if (condition && condition(frame) === false) return false;
        if (collect && container) collect(frame, container);
        else frame.locals[slot] = step(frame);
        return true;
      });
      return result(frame);
    };
  });
}

function isEmptyContainer(expr: Expr): boolean {
  return (expr.kind === 'list' && expr.elements.length === 0) || (expr.kind === 'map' && expr.entries.length === 0);
}

function newContainer(initial: Expr): CelList | EntryMap {
  return initial.kind === 'list' ? new CelList([]) : new EntryMap();
}

/** Steps of `map`, `filter` and `transform…`, which would copy the accumulator once per element. */
function planCollect(planner: Planner, step: Expr): Collect | undefined {
  if (step.kind !== 'call') return undefined;
  if (step.name === '_?_:_') {
    const [test, add, keep] = step.args;
    if (!test || !add || keep?.kind !== 'ident' || keep.name !== accumulatorName) return undefined;
    const collect = planCollect(planner, add);
    const condition = collect && planner.plan(test).evaluate;
    if (!collect || !condition) return undefined;
    return (frame, into) => {
      const value = condition(frame);
      if (value === true) collect(frame, into);
      else if (value !== false) failNoOverload();
    };
  }
  const [target, ...rest] = step.args;
  if (target?.kind !== 'ident' || target.name !== accumulatorName) return undefined;
  if (step.name === '_+_') return planAppend(planner, rest[0]);
  return step.name === 'cel.@mapInsert' ? planInsert(planner, rest) : undefined;
}

function planAppend(planner: Planner, added: Expr | undefined): Collect | undefined {
  const [element] = added?.kind === 'list' && added.optional.size === 0 ? added.elements : [];
  if (!element || added?.kind !== 'list' || added.elements.length !== 1) return undefined;
  const { evaluate, constant } = planner.plan(element);
  // The accumulator, the list around the element (free when constant), and the addition.
  const cost = 2 + (constant ? 0 : creationCost.list);
  return (frame, into) => {
    const value = evaluate(frame);
    frame.charge(cost);
    // The list is this loop's own until it ends.
    if (into instanceof CelList) (into.items as CelValue[]).push(value);
  };
}

function planInsert(planner: Planner, rest: readonly Expr[]): Collect | undefined {
  const [first, second] = rest.map((expr) => planner.plan(expr).evaluate);
  if (!first) return undefined;
  if (!second) {
    return (frame, into) => {
      const added = first(frame);
      frame.charge(2);
      if (!(added instanceof CelMap)) failNoOverload();
      for (const key of added.keys()) insert(into, key, added.get(key) ?? null);
    };
  }
  return (frame, into) => {
    const [key, value] = [first(frame), second(frame)];
    frame.charge(2);
    insert(into, key, value);
  };
}

function insert(into: CelValue, key: CelValue, value: CelValue): void {
  if (!(into instanceof EntryMap)) return;
  if (into.get(key) !== undefined) fail(`insert failed: key ${String(key)} already exists`);
  into.set(key, value);
}
