/** Compiles checked expressions to closures. Source of what is charged when: cel-go's interpreter. */
import type { Expr, IdentExpr, ListExpr, MapExpr, SelectExpr, StructExpr } from './ast.ts';
import { creationCost } from './call-cost.ts';
import { fail } from './cel-error.ts';
import type { CelType } from './cel-type.ts';
import { celTypes } from './cel-type.ts';
import type { CheckedExpr } from './checked-expr.ts';
import type { FrameVariable, Step } from './frame.ts';
import type { Plan } from './plan.ts';
import { constantPlan, pathPlan, valuePlan } from './plan.ts';
import { planCall } from './plan-call.ts';
import { planComprehension } from './plan-comprehension.ts';
import { planPath } from './plan-path.ts';
import { hasField } from './selection.ts';
import type { CelValue } from './values.ts';
import { CelList, CelOptional, CelTypeValue, EntryMap } from './values.ts';

/** Where a local variable is found. */
export interface Local {
  readonly name: string;
  readonly slot: number;
  /** Computes the value on first use: local bindings are lazy. */
  readonly initial?: Step | undefined;
}

/** Plans the nodes of one expression. */
export class Planner {
  readonly checked: CheckedExpr;
  readonly #variables: ReadonlyMap<string, { readonly index: number; readonly variable: FrameVariable }>;
  readonly #locals: Local[] = [];
  #slots = 0;

  constructor(checked: CheckedExpr, variables: readonly FrameVariable[]) {
    this.checked = checked;
    this.#variables = new Map(variables.map((variable, index) => [variable.name, { index, variable }]));
  }

  plan(expr: Expr): Plan {
    switch (expr.kind) {
      case 'literal':
        return constantPlan(expr.value);
      case 'ident':
        return this.#global(expr.id) ?? this.#local(expr);
      case 'select':
        return this.#global(expr.id) ?? this.#select(expr);
      case 'call':
        return planCall(this, expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return planComprehension(this, expr);
    }
  }

  typeOf(expr: Expr): CelType {
    return this.checked.types.get(expr.id) ?? celTypes.dyn;
  }

  /** A place for a local variable. */
  newSlot(): number {
    return this.#slots++;
  }

  /** Plans with more local variables. */
  within<T>(locals: readonly Local[], body: () => T): T {
    this.#locals.push(...locals);
    const result = body();
    this.#locals.length -= locals.length;
    return result;
  }

  #global(id: number): Plan | undefined {
    const resolved = this.checked.names.get(id);
    if (!resolved) return undefined;
    if (resolved.kind === 'type') {
      const { type } = resolved;
      return constantPlan(new CelTypeValue(type.kind === 'type' && type.of ? type.of : type));
    }
    const found = this.#variables.get(resolved.name);
    if (!found) throw new RangeError(`checked variable ${resolved.name} is not declared`);
    const { index, variable } = found;
    return pathPlan((frame) => frame.variable(index, variable));
  }

  #local({ name }: IdentExpr): Plan {
    const local = this.#locals.findLast((candidate) => candidate.name === name);
    if (!local) throw new RangeError(`checked name ${name} is not declared`);
    const { slot, initial } = local;
    if (!initial) return pathPlan((frame) => frame.locals[slot] ?? null);
    return pathPlan((frame) => {
      const known = frame.locals[slot];
      return known === undefined ? (frame.locals[slot] = initial(frame)) : known;
    });
  }

  #select(expr: SelectExpr): Plan {
    if (!expr.testOnly) return planPath(this, expr);
    const operand = this.plan(expr.operand).resolve;
    const { field } = expr;
    // What has() looks at is charged, has() itself is not: Kubernetes turns PresenceTestHasCost off.
    return valuePlan((frame) => {
      frame.cost++;
      return hasField(operand(frame), field);
    });
  }

  #list({ elements, optional }: ListExpr): Plan {
    const plans = elements.map((element) => this.plan(element));
    const steps = plans.map(({ evaluate }) => evaluate);
    if (plans.every(({ constant }) => constant) && optional.size === 0) {
      return constantPlan(new CelList(plans.map(({ constant }) => constant?.value)));
    }
    return valuePlan((frame) => {
      const items: CelValue[] = [];
      for (let index = 0; index < steps.length; index++) {
        const value = steps[index]?.(frame) ?? null;
        if (!optional.has(index)) items.push(value);
        else if (!(value instanceof CelOptional))
          fail('cannot initialize optional list element from non-optional value');
        else if (value.value !== undefined) items.push(value.value);
      }
      frame.charge(creationCost.list);
      return new CelList(items);
    });
  }

  #map({ entries }: MapExpr): Plan {
    const plans = entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }));
    if (plans.every(({ key, value, optional }) => key.constant && value.constant && !optional)) {
      const pairs = plans.map(
        ({ key, value }) => [key.constant?.value ?? null, value.constant?.value ?? null] as const,
      );
      return constantPlan(new EntryMap(pairs));
    }
    return valuePlan((frame) => {
      const map = new EntryMap();
      for (const { key, value, optional } of plans) {
        const name = key.evaluate(frame);
        const found = value.evaluate(frame);
        if (!optional) map.set(name, found);
        else if (!(found instanceof CelOptional)) fail('cannot initialize optional entry from non-optional value');
        else if (found.value !== undefined) map.set(name, found.value);
      }
      frame.charge(creationCost.map);
      return map;
    });
  }

  #struct(expr: StructExpr): Plan {
    const message = this.checked.messages.get(expr.id);
    if (!message) throw new RangeError(`checked message ${expr.name} is not declared`);
    const fields = expr.fields.map(({ name, value, optional }) => ({
      name,
      step: this.plan(value).evaluate,
      optional,
    }));
    return valuePlan((frame) => {
      const values = new Map<string, CelValue>();
      for (const { name, step, optional } of fields) {
        const value = step(frame);
        if (!optional) values.set(name, value);
        else if (!(value instanceof CelOptional))
          fail(`cannot initialize optional entry '${name}' from non-optional value`);
        else if (value.value !== undefined) values.set(name, value.value);
      }
      frame.charge(creationCost.message);
      return message.construct(values);
    });
  }
}
