/** CEL over the claims of a token, and over the user that is made of them. Source: apiserver's authentication/cel. */
import { messageOf } from '../../../base/errors.ts';
import { CelError } from '../../../machinery/cel/cel-error.ts';
import type { Expr } from '../../../machinery/cel/ast.ts';
import { childrenOf } from '../../../machinery/cel/ast.ts';
import { celTypes, listType, mapType, objectType } from '../../../machinery/cel/cel-type.ts';
import type { CelField } from '../../../machinery/cel/cel-type.ts';
import { createCelEnvironment } from '../../../machinery/cel/environment.ts';
import type { CelEnvironment, CelProgram } from '../../../machinery/cel/environment.ts';
import type { CelValue } from '../../../machinery/cel/values.ts';
import type { User } from '../../ports.ts';
import { ClaimsMap, claimsValue } from './claims-value.ts';

/** A compiled expression. */
export interface ClaimExpression {
  readonly text: string;
  /** The claims that it looks at by name: `claims.email`, also within `has()`. */
  readonly claims: ReadonlySet<string>;
  /** Throws an Error that begins with the expression. */
  evaluate(subject: ClaimsMap | User): CelValue;
}

/** What an expression is about. */
export type ExpressionSubject = 'claims' | 'user';

const strings = listType(celTypes.string);
const userFields: ReadonlyMap<string, CelField> = new Map(
  Object.entries({
    username: { name: 'username', type: celTypes.string },
    uid: { name: 'uid', type: celTypes.string },
    groups: { name: 'groups', type: strings },
    extra: { name: 'extra', type: mapType(celTypes.string, strings) },
  }),
);
const types = {
  claims: mapType(celTypes.string, celTypes.dyn),
  user: objectType('kubernetes.UserInfo', () => userFields),
};

const environments = new Map<ExpressionSubject, CelEnvironment>();

function environmentOf(subject: ExpressionSubject): CelEnvironment {
  let environment = environments.get(subject);
  if (!environment) {
    environment = createCelEnvironment({ variables: { [subject]: types[subject] } });
    environments.set(subject, environment);
  }
  return environment;
}

/** Compiles an expression; a condition must be one by its type. Throws an Error with upstream's detail. */
export function compileClaimExpression(
  text: string,
  { subject, isCondition }: { readonly subject: ExpressionSubject; readonly isCondition: boolean },
): ClaimExpression {
  const { program, type, expr } = compile(text, subject);
  if (isCondition && type.kind !== 'bool') throw new Error('must evaluate to bool');
  return {
    text,
    claims: claimsIn(expr),
    evaluate: (value) => evaluate(text, program, bindings(value)),
  };
}

function compile(text: string, subject: ExpressionSubject) {
  try {
    return environmentOf(subject).compile(text);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const stage = error.reason === 'compile' ? 'compilation failed' : 'program instantiation failed';
    throw new Error(`${stage}: ${error.message}`, { cause: error });
  }
}

function evaluate(text: string, program: CelProgram, values: Readonly<Record<string, unknown>>): CelValue {
  try {
    return program.evaluate(values).value;
  } catch (error) {
    throw new Error(`expression '${text}' resulted in error: ${messageOf(error)}`, { cause: error });
  }
}

function bindings(subject: ClaimsMap | User): Readonly<Record<string, unknown>> {
  if (subject instanceof ClaimsMap) return { claims: subject };
  const { name, uid = '', groups, extra = {} } = subject;
  return { user: { username: name, uid, groups, extra: claimsValue(extra) } };
}

/** Names selected from the claims themselves. */
function claimsIn(expr: Expr): ReadonlySet<string> {
  const found = new Set<string>();
  const pending: Expr[] = [expr];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const name = selectedClaim(next);
    if (name !== undefined) found.add(name);
    pending.push(...childrenOf(next));
  }
  return found;
}

function selectedClaim(expr: Expr): string | undefined {
  if (expr.kind === 'select') return isClaims(expr.operand) ? expr.field : undefined;
  if (expr.kind !== 'call' || expr.name !== '_?._' || !isClaims(expr.args[0])) return undefined;
  const field = expr.args[1];
  return field?.kind === 'literal' && typeof field.value === 'string' ? field.value : undefined;
}

function isClaims(expr: Expr | undefined): boolean {
  return expr?.kind === 'ident' && expr.name === 'claims';
}
