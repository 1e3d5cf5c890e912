/** Finds mistakes in constants that types don't show. Source: the validators of cel-go's cel/validator.go. */
import type { Expr, ListExpr, MapExpr } from './ast.ts';
import { childrenOf } from './ast.ts';
import type { LocatedMessage } from './cel-error.ts';
import { CelFailure, compileError } from './cel-error.ts';
import type { CelType } from './cel-type.ts';
import { celTypes, formatType, optionalValue, sameType } from './cel-type.ts';
import type { CheckedExpr } from './checked-expr.ts';
import { checkFormatCall } from './libraries/format-check.ts';
import { patternOf } from './patterns.ts';
import { parseDuration, parseTimestamp, timestampOf } from './timestamps.ts';

/** Throws a `CelError` for malformed durations, timestamps, patterns and formats, and for literals of mixed types. */
export function validateLiterals(source: string, checked: CheckedExpr, mixedLiterals: boolean): void {
  const errors: LocatedMessage[] = [];
  const typeOf = (expr: Expr): CelType => checked.types.get(expr.id) ?? celTypes.dyn;
  const visit = (expr: Expr, formatted: boolean): void => {
    errors.push(...literalErrors(expr));
    const format = expr.kind === 'call' && expr.name === 'format';
    if (format) errors.push(...checkFormatCall(expr, typeOf));
    const exempt = formatted || mixedLiterals;
    if (!exempt && expr.kind === 'list') errors.push(...listErrors(expr, typeOf));
    if (!exempt && expr.kind === 'map') errors.push(...mapErrors(expr, typeOf));
    for (const child of childrenOf(expr)) visit(child, formatted || format);
  };
  visit(checked.expr, false);
  if (errors.length > 0) throw compileError(source, errors);
}

const checks: Readonly<Record<string, (value: string | number) => unknown>> = {
  duration: (value) => (typeof value === 'string' ? parseDuration(value) : value),
  timestamp: (value) => (typeof value === 'string' ? parseTimestamp(value) : timestampOf(value, 0)),
  matches: (value) => patternOf(String(value)),
};

function literalErrors(expr: Expr): LocatedMessage[] {
  if (expr.kind !== 'call' || !Object.hasOwn(checks, expr.name)) return [];
  const arg = expr.name === 'matches' ? expr.args.at(-1) : expr.args[0];
  if (arg?.kind !== 'literal' || (typeof arg.value !== 'string' && typeof arg.value !== 'number')) return [];
  return isValid(checks[expr.name], arg.value) ? [] : [{ at: arg.at, message: `invalid ${expr.name} argument` }];
}

function isValid(check: ((value: string | number) => unknown) | undefined, value: string | number): boolean {
  try {
    return check?.(value) !== undefined;
  } catch (error) {
    if (error instanceof CelFailure) return false;
    throw error;
  }
}

type TypeOf = (expr: Expr) => CelType;

const mismatch = (expr: Expr, expected: CelType, found: CelType): LocatedMessage => ({
  at: expr.at,
  message: `expected type '${formatType(expected)}' but found '${formatType(found)}'`,
});

function listErrors({ elements, optional }: ListExpr, typeOf: TypeOf): LocatedMessage[] {
  const types = elements.map((element, index) => unwrapped(typeOf(element), optional.has(index)));
  const [first] = types;
  const index = types.findIndex((type) => first && !sameType(first, type));
  const [element, type] = [elements[index], types[index]];
  return first && element && type ? [mismatch(element, first, type)] : [];
}

function mapErrors({ entries }: MapExpr, typeOf: TypeOf): LocatedMessage[] {
  const [first] = entries;
  if (!first) return [];
  const [key, value] = [typeOf(first.key), unwrapped(typeOf(first.value), first.optional)];
  return entries.flatMap((entry) => {
    const [found, content] = [typeOf(entry.key), unwrapped(typeOf(entry.value), entry.optional)];
    return [
      ...(sameType(key, found) ? [] : [mismatch(entry.key, key, found)]),
      ...(sameType(value, content) ? [] : [mismatch(entry.value, value, content)]),
    ];
  });
}

function unwrapped(type: CelType, optional: boolean): CelType {
  return (optional ? optionalValue(type) : undefined) ?? type;
}
