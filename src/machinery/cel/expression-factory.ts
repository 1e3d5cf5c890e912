/** Makes the nodes of one expression, and bounds how many and how deep. */
import type {
  CallExpr,
  ComprehensionExpr,
  Expr,
  IdentExpr,
  ListExpr,
  LiteralExpr,
  MapEntry,
  MapExpr,
  SelectExpr,
  StructExpr,
  StructField,
} from './ast.ts';
import { accumulatorName } from './ast.ts';
import { CelFailure } from './cel-error.ts';
import type { CelValue } from './values.ts';

/**
 * How deep nodes may nest. cel-go allows 250 levels as written; macros put up to three more around each, and what is
 * allowed beyond upstream harms nobody while the stack can take it.
 */
const maxDepth = 1000;
/** Some macros copy their target, so nested ones double an expression: this many nodes are enough for anyone. */
const maxNodes = 200_000;

/** A mistake in the arguments of a macro, at a position. */
export class MacroError {
  readonly at: number;
  readonly message: string;

  constructor(at: number, message: string) {
    this.at = at;
    this.message = message;
  }
}

/** Builds nodes with consecutive ids. Macros get one at the position of their call. */
export class ExpressionFactory {
  #count = 0;
  readonly #depths = new WeakMap<Expr, number>();

  literal(at: number, value: CelValue): LiteralExpr {
    return { kind: 'literal', id: this.id(), at, value };
  }

  ident(at: number, name: string): IdentExpr {
    return { kind: 'ident', id: this.id(), at, name };
  }

  accumulator(at: number): IdentExpr {
    return this.ident(at, accumulatorName);
  }

  select(at: number, operand: Expr, field: string): SelectExpr {
    return this.#deeper({ kind: 'select', id: this.id(), at, operand, field, testOnly: false }, [operand]);
  }

  presenceTest(at: number, operand: Expr, field: string): SelectExpr {
    return this.#deeper({ kind: 'select', id: this.id(), at, operand, field, testOnly: true }, [operand]);
  }

  call(at: number, name: string, args: readonly Expr[]): CallExpr {
    return this.#deeper({ kind: 'call', id: this.id(), at, name, target: undefined, args }, args);
  }

  memberCall(at: number, name: string, target: Expr, args: readonly Expr[]): CallExpr {
    return this.#deeper({ kind: 'call', id: this.id(), at, name, target, args }, [target, ...args]);
  }

  list(at: number, elements: readonly Expr[], optional: ReadonlySet<number> = new Set()): ListExpr {
    return this.#deeper({ kind: 'list', id: this.id(), at, elements, optional }, elements);
  }

  map(at: number, entries: readonly MapEntry[] = []): MapExpr {
    const children = entries.flatMap(({ key, value }) => [key, value]);
    return this.#deeper({ kind: 'map', id: this.id(), at, entries }, children);
  }

  struct(at: number, name: string, fields: readonly StructField[]): StructExpr {
    const children = fields.map(({ value }) => value);
    return this.#deeper({ kind: 'struct', id: this.id(), at, name, fields }, children);
  }

  comprehension(at: number, parts: Omit<ComprehensionExpr, 'kind' | 'id' | 'at'>): ComprehensionExpr {
    const { range, initial, condition, step, result } = parts;
    return this.#deeper({ ...parts, kind: 'comprehension', id: this.id(), at }, [
      range,
      initial,
      condition,
      step,
      result,
    ]);
  }

  /** A local variable: a comprehension over nothing, of which only initial value and result count. */
  binding(at: number, parts: { readonly name: string; readonly value: Expr; readonly result: Expr }): Expr {
    return this.comprehension(at, {
      range: this.list(at, []),
      variable: '#unused',
      variable2: undefined,
      accumulator: parts.name,
      initial: parts.value,
      condition: this.literal(at, false),
      step: this.ident(at, parts.name),
      result: parts.result,
    });
  }

  /** The same expression with ids of its own. */
  copy(expr: Expr): Expr {
    const { at } = expr;
    switch (expr.kind) {
      case 'literal':
        return this.literal(at, expr.value);
      case 'ident':
        return this.ident(at, expr.name);
      case 'select': {
        const operand = this.copy(expr.operand);
        return expr.testOnly ? this.presenceTest(at, operand, expr.field) : this.select(at, operand, expr.field);
      }
      case 'call': {
        const args = expr.args.map((arg) => this.copy(arg));
        if (!expr.target) return this.call(at, expr.name, args);
        return this.memberCall(at, expr.name, this.copy(expr.target), args);
      }
      case 'list':
        return this.list(
          at,
          expr.elements.map((element) => this.copy(element)),
          expr.optional,
        );
      case 'map':
        return this.map(
          at,
          expr.entries.map((entry) => ({
            ...entry,
            id: this.id(),
            key: this.copy(entry.key),
            value: this.copy(entry.value),
          })),
        );
      case 'struct':
        return this.struct(
          at,
          expr.name,
          expr.fields.map((field) => ({ ...field, id: this.id(), value: this.copy(field.value) })),
        );
      case 'comprehension':
        return this.comprehension(at, {
          ...expr,
          range: this.copy(expr.range),
          initial: this.copy(expr.initial),
          condition: this.copy(expr.condition),
          step: this.copy(expr.step),
          result: this.copy(expr.result),
        });
    }
  }

  /** The next id. */
  id(): number {
    if (++this.#count > maxNodes) throw new CelFailure('expression is too large after macro expansion');
    return this.#count;
  }

  #deeper<E extends Expr>(expr: E, children: readonly Expr[]): E {
    let depth = 0;
    for (const child of children) depth = Math.max(depth, this.#depths.get(child) ?? 0);
    if (depth >= maxDepth) throw new CelFailure('max recursion depth exceeded');
    this.#depths.set(expr, depth + 1);
    return expr;
  }
}
