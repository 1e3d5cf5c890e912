/**
 * Estimates what an expression may cost, from the sizes that types promise. Source: cel-go's checker/cost.go and the
 * estimators of apiserver and apiextensions; the numbers decide which CRDs are accepted, so they must agree.
 */
import type { CallExpr, ComprehensionExpr, Expr, ListExpr, MapExpr, SelectExpr } from './ast.ts';
import type { CallEstimate, CostNode, Range } from './call-cost.ts';
import { addRanges, anySize, creationCost, exactly, multiplyRanges, unbounded, uniteRanges } from './call-cost.ts';
import type { CelType } from './cel-type.ts';
import { celTypes, optionalValue } from './cel-type.ts';
import type { CheckedExpr } from './checked-expr.ts';
import type { Entries, Known } from './cost-knowledge.ts';
import { declaredSize, elementNode, elementType, fieldType, keyType, typeSize } from './cost-knowledge.ts';
import type { Overload } from './library.ts';
import type { CelValue } from './values.ts';
import { sizeForCost } from './value-size.ts';

interface Estimated {
  readonly cost: Range;
  readonly known: Known;
}

const nothing: Range = exactly(0);
const one: Range = exactly(1);
const noPath: Known = { path: false };

/** The cost of a checked expression. */
export function estimateCost(checked: CheckedExpr, variables: ReadonlyMap<string, CelType>): Range {
  return new Estimator(checked, variables).estimate(checked.expr).cost;
}

class Estimator {
  readonly #checked: CheckedExpr;
  readonly #variables: ReadonlyMap<string, CelType>;
  readonly #root: Known;
  readonly #locals: (readonly [name: string, known: Known])[] = [];

  constructor(checked: CheckedExpr, variables: ReadonlyMap<string, CelType>) {
    this.#checked = checked;
    this.#variables = variables;
    this.#root = { path: true, declared: variables.get('self') ?? variables.values().next().value };
  }

  estimate(expr: Expr): Estimated {
    switch (expr.kind) {
      case 'literal':
        return { cost: nothing, known: { ...noPath, size: exactly(sizeForCost(expr.value)) } };
      case 'ident':
        return { cost: one, known: this.#ident(expr.name, expr.id) };
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct': {
        const costs = expr.fields.map(({ value }) => this.estimate(value).cost);
        return { cost: addRanges(...costs, exactly(creationCost.message)), known: noPath };
      }
      case 'comprehension':
        return isBinding(expr) ? this.#binding(expr) : this.#comprehension(expr);
    }
  }

  #typeOf(expr: Expr): CelType {
    return this.#checked.types.get(expr.id) ?? celTypes.dyn;
  }

  #ident(name: string, id: number): Known {
    const local = this.#locals.findLast(([candidate]) => candidate === name);
    if (local) return local[1];
    const resolved = this.#checked.names.get(id);
    if (resolved?.kind !== 'variable') return this.#root;
    const type = this.#variables.get(resolved.name);
    return { path: true, declared: type && (optionalValue(type) ?? type) };
  }

  #select(expr: SelectExpr): Estimated {
    if (this.#checked.names.has(expr.id)) return { cost: one, known: this.#ident(expr.field, expr.id) };
    const operand = this.estimate(expr.operand);
    if (expr.testOnly) return { cost: operand.cost, known: noPath };
    const { kind } = this.#typeOf(expr.operand);
    const charged = kind === 'map' || kind === 'object' || kind === 'param';
    const cost = charged ? addRanges(operand.cost, one) : operand.cost;
    return { cost, known: this.#inside(operand.known, (type) => fieldType(type, expr.field)) };
  }

  /**
   * A step further on a path. Upstream forgets the first name of every path and begins at the type of `self`, so names
   * of types and steps from anything that is no path have the size of that.
   */
  #inside({ path, declared }: Known, step: (type: CelType) => CelType | undefined): Known {
    return path ? { path, declared: declared && step(declared) } : this.#root;
  }

  /** What is known of the size: computed, promised by the schema, or given by the type. Else undefined. */
  #size(expr: Expr, { size, declared, fallback }: Known): Range | undefined {
    const promised = declared && declaredSize(declared);
    return size ?? promised ?? typeSize(this.#typeOf(expr)) ?? fallback;
  }

  #sizeOrAny(expr: Expr, known: Known): Range {
    return this.#size(expr, known) ?? anySize;
  }

  #list({ elements }: ListExpr): Estimated {
    let value: Range = { min: elements.length === 0 ? 0 : unbounded, max: 0 };
    let cost = nothing;
    for (const element of elements) {
      const estimated = this.estimate(element);
      cost = addRanges(cost, estimated.cost);
      value = uniteRanges(value, this.#sizeOrAny(element, estimated.known));
    }
    const known: Known = { path: false, size: exactly(elements.length), entries: { kind: 'list', key: one, value } };
    return { cost: addRanges(cost, exactly(creationCost.list)), known };
  }

  #map({ entries }: MapExpr): Estimated {
    const least = entries.length === 0 ? 0 : unbounded;
    let [key, value]: Range[] = [
      { min: least, max: 0 },
      { min: least, max: 0 },
    ];
    let cost = nothing;
    for (const entry of entries) {
      const [keyEstimate, valueEstimate] = [this.estimate(entry.key), this.estimate(entry.value)];
      cost = addRanges(cost, keyEstimate.cost, valueEstimate.cost);
      key = uniteRanges(key ?? nothing, this.#sizeOrAny(entry.key, keyEstimate.known));
      value = uniteRanges(value ?? nothing, this.#sizeOrAny(entry.value, valueEstimate.known));
    }
    const known: Known = {
      path: false,
      size: exactly(entries.length),
      entries: { kind: 'map', key: key ?? anySize, value: value ?? anySize },
    };
    return { cost: addRanges(cost, exactly(creationCost.map)), known };
  }

  #call(expr: CallExpr): Estimated {
    const [first] = expr.args;
    if (expr.name === 'dyn' && first) {
      const { cost, known } = this.estimate(first);
      return {
        cost: addRanges(cost, one),
        known: { path: false, size: this.#size(first, known), entries: known.entries },
      };
    }
    const args = expr.args.map((arg) => ({ expr: arg, ...this.estimate(arg) }));
    const checked = this.#checked.calls.get(expr.id);
    if (!checked) return { cost: this.#optionalSelect(args), known: noPath };
    const receiver =
      checked.qualified || !expr.target ? undefined : { expr: expr.target, ...this.estimate(expr.target) };
    const operands = receiver ? [receiver, ...args] : args;
    const nodes = operands.map((operand) => this.#node(operand.expr, operand.known));
    const estimates = checked.overloads.map((overload) => {
      const cost = overload.cost ?? checked.function.cost;
      return this.#special(overload, args) ?? plus(cost?.estimate?.({ args: nodes, member: overload.member }), args);
    });
    const cost = estimates.map((estimate) => estimate.cost).reduce(uniteRanges);
    const sizes = estimates.flatMap(({ size }) => size ?? []);
    const size = sizes.length > 0 ? sizes.reduce(uniteRanges) : undefined;
    const known = this.#result(checked.overloads, args, size);
    return { cost: receiver ? addRanges(receiver.cost, cost) : cost, known };
  }

  /** `a.?b` is checked by itself, without an overload: it costs one call. */
  #optionalSelect(args: readonly { readonly cost: Range }[]): Range {
    return addRanges(one, ...args.map(({ cost }) => cost));
  }

  /** Operators that don't always evaluate everything. */
  #special({ id }: Overload, args: readonly Operand[]): CallEstimate | undefined {
    const [first, second, third] = args;
    if ((id === 'logical_and' || id === 'logical_or') && first && second) {
      return { cost: { min: first.cost.min, max: addRanges(first.cost, second.cost).max } };
    }
    if (id !== 'conditional' || !first || !second || !third) return undefined;
    return {
      cost: addRanges(first.cost, uniteRanges(second.cost, third.cost)),
      size: uniteRanges(this.#sizeOrAny(second.expr, second.known), this.#sizeOrAny(third.expr, third.known)),
    };
  }

  #result(overloads: readonly Overload[], args: readonly Operand[], size: Range | undefined): Known {
    const [first, second, third] = args;
    const id = overloads.at(-1)?.id;
    if (id === 'index_list' || id === 'index_map') {
      const known = first?.known ?? noPath;
      return { ...this.#inside(known, elementType), size: known.entries?.value ?? size };
    }
    if (id === 'conditional') return { path: false, size, entries: joined(second, third) };
    if (id?.startsWith('add_')) return { path: false, size, entries: joined(first, second) };
    return { path: false, size };
  }

  #node(expr: Expr, known: Known): CostNode {
    const type = this.#typeOf(expr);
    const size = this.#size(expr, known);
    const literal: CelValue | undefined = expr.kind === 'literal' ? expr.value : undefined;
    return { type, size: size ?? anySize, sized: size !== undefined, literal, element: () => elementNode(type, known) };
  }

  #binding(expr: ComprehensionExpr): Estimated {
    const range = this.estimate(expr.range);
    const initial = this.estimate(expr.initial);
    const local: Known = { ...initial.known, size: this.#size(expr.initial, initial.known) };
    const result = this.#with([[expr.accumulator, local]], () => this.estimate(expr.result));
    const { known } = result;
    return {
      cost: addRanges(range.cost, initial.cost, result.cost),
      known: { path: false, size: this.#size(expr.result, known), entries: known.entries },
    };
  }

  #comprehension(expr: ComprehensionExpr): Estimated {
    const range = this.estimate(expr.range);
    const initial = this.estimate(expr.initial);
    const size = this.#sizeOrAny(expr.range, range.known);
    const accumulator: Known = { ...initial.known, size: this.#size(expr.initial, initial.known) };
    return this.#with([[expr.accumulator, accumulator]], () => {
      const [condition, step] = this.#with(this.#loopVariables(expr, range.known), () => [
        this.estimate(expr.condition),
        this.estimate(expr.step),
      ]);
      const loop = multiplyRanges(size, addRanges(step?.cost ?? nothing, condition?.cost ?? nothing));
      const result = this.estimate(expr.result);
      const cost = addRanges(range.cost, initial.cost, result.cost, loop);
      const collects = expr.initial.kind === 'list' || expr.initial.kind === 'map';
      const known: Known = collects
        ? { path: false, size, entries: step?.known.entries }
        : { path: false, size: this.#size(expr.initial, initial.known) };
      return { cost, known };
    });
  }

  #loopVariables(expr: ComprehensionExpr, range: Known): (readonly [string, Known])[] {
    const { entries } = range;
    const kind = entries?.kind ?? this.#typeOf(expr.range).kind;
    const key: Known = { ...this.#inside(range, keyType), fallback: entries?.key };
    const value: Known = { ...this.#inside(range, elementType), fallback: entries?.value };
    if (expr.variable2 !== undefined) {
      return [
        [expr.variable, key],
        [expr.variable2, value],
      ];
    }
    return [[expr.variable, kind === 'list' ? value : key]];
  }

  #with<T>(locals: readonly (readonly [string, Known])[], body: () => T): T {
    this.#locals.push(...locals);
    const result = body();
    this.#locals.length -= locals.length;
    return result;
  }
}

interface Operand extends Estimated {
  readonly expr: Expr;
}

function plus(estimate: CallEstimate | undefined, args: readonly Operand[]): CallEstimate {
  const costs = args.map(({ cost }) => cost);
  return { cost: addRanges(estimate?.cost ?? one, ...costs), size: estimate?.size };
}

function joined(a: Operand | undefined, b: Operand | undefined): Entries | undefined {
  const [left, right] = [a?.known.entries, b?.known.entries];
  if (!left || !right) return undefined;
  return { kind: left.kind, key: uniteRanges(left.key, right.key), value: uniteRanges(left.value, right.value) };
}

function isBinding({ range, condition, accumulator }: ComprehensionExpr): boolean {
  const empty = range.kind === 'list' && range.elements.length === 0;
  return empty && condition.kind === 'literal' && condition.value === false && accumulator !== '__result__';
}
