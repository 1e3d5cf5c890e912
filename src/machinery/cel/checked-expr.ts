/** What checking finds out about an expression. */
import type { Expr } from './ast.ts';
import type { CelType } from './cel-type.ts';
import type { Resolved } from './check-environment.ts';
import type { CelFunction, MessageType, Overload } from './library.ts';

/** What a call means. */
export interface CheckedCall {
  readonly function: CelFunction;
  /** Every overload that may take the arguments; more than one where types are dynamic. */
  readonly overloads: readonly Overload[];
  /** Whether the receiver as written is part of the function's name. */
  readonly qualified: boolean;
}

/** A checked expression: what its nodes mean, by id. */
export interface CheckedExpr {
  readonly expr: Expr;
  readonly types: ReadonlyMap<number, CelType>;
  /** Names that stand for variables and types outside of comprehensions. */
  readonly names: ReadonlyMap<number, Resolved>;
  readonly calls: ReadonlyMap<number, CheckedCall>;
  readonly messages: ReadonlyMap<number, MessageType>;
}
