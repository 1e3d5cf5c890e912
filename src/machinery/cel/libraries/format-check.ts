/** Finds wrong formats of `format()` when they are compiled. Source: stringFormatValidator of cel-go's ext. */
import type { CallExpr, Expr } from '../ast.ts';
import type { LocatedMessage } from '../cel-error.ts';
import { CelFailure, fail } from '../cel-error.ts';
import type { CelType } from '../cel-type.ts';
import { isDynamic, typeName } from '../cel-type.ts';
import { formatComplaints, parseFormat } from './strings-format.ts';
import type { FormatClause } from './strings-format.ts';

/** What each clause takes, by kind of type. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  s: 'list map int uint double bool string timestamp bytes duration type null'.split(' '),
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
};

/** The mistakes of a call whose format is a constant and whose arguments are a list literal. */
export function checkFormatCall({ at, target, args }: CallExpr, typeOf: (expr: Expr) => CelType): LocatedMessage[] {
  const [list] = args;
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return [];
  try {
    const clauses = parseFormat(target.value, fail).filter((part) => typeof part !== 'string');
    const index = clauses.findIndex((_, position) => position >= list.elements.length);
    const checked = clauses.slice(0, list.elements.length);
    for (const [position, clause] of checked.entries()) {
      const element = list.elements[position];
      const bad = element && wrongArgument(element, clause, typeOf);
      if (bad) return [{ at: bad.at, message: `error during formatting: ${complaint(clause, typeOf(bad))}` }];
    }
    if (index >= 0) return [{ at, message: `index ${index} out of range` }];
    const [expected, got] = [clauses.length, list.elements.length];
    if (got <= expected) return [];
    return [{ at, message: `too many arguments supplied to string.format (expected ${expected}, got ${got})` }];
  } catch (error) {
    if (error instanceof CelFailure) return [{ at, message: error.message }];
    throw error;
  }
}

function complaint({ verb }: FormatClause, type: CelType): string {
  return `${formatComplaints[verb.toLowerCase()]}${typeName(type)}`;
}

function wrongArgument(expr: Expr, clause: FormatClause, typeOf: (expr: Expr) => CelType): Expr | undefined {
  const type = typeOf(expr);
  if (!isDynamic(type) && !accepted[clause.verb.toLowerCase()]?.includes(type.kind)) return expr;
  if (clause.verb !== 's') return undefined;
  const inner =
    expr.kind === 'list'
      ? expr.elements
      : expr.kind === 'map'
        ? expr.entries.flatMap(({ key, value }) => [key, value])
        : [];
  for (const child of inner) {
    const bad = wrongArgument(child, clause, typeOf);
    if (bad) return bad;
  }
  return undefined;
}
