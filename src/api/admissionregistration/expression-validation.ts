/** Validation of expressions in policies and match conditions. Source: kubernetes' admissionregistration validation. */
import { CelError } from '../../machinery/cel/cel-error.ts';
import { formatType } from '../../machinery/cel/cel-type.ts';
import type { CelType } from '../../machinery/cel/cel-type.ts';
import type { CelEnvironment, CompiledExpression } from '../../machinery/cel/environment.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required, tooMany } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import { each } from '../core/value-checks.ts';
import type { MatchCondition } from './validating-webhook-configuration.ts';

const maxConditions = 64;

/** An expression, where it stands, and what it may evaluate to; no types allow all. */
export interface ExpressionToCheck {
  readonly text: string;
  readonly path: string;
  readonly types?: readonly CelType['kind'][];
}

/** What is wrong with an expression; with `store`, whoever asks gets the compiled form. */
export function expressionErrors(
  environment: CelEnvironment,
  { text, path, types = [] }: ExpressionToCheck,
  store?: (compiled: CompiledExpression) => void,
): FieldError[] {
  try {
    const compiled = environment.compile(text);
    store?.(compiled);
    const { type } = compiled;
    if (types.length === 0 || type.kind === 'dyn' || type.kind === 'any' || types.includes(type.kind)) return [];
    const [only, ...others] = types;
    const detail =
      others.length === 0
        ? `must evaluate to ${only} but got ${formatType(type)}`
        : `must evaluate to one of [${types.map((kind) => (kind === 'null' ? 'null_type' : kind)).join(' ')}]`;
    return [invalid(path, text, detail)];
  } catch (error) {
    if (error instanceof CelError) return [invalid(path, text, `compilation failed: ${error.message}`)];
    throw error;
  }
}

/** What is wrong with match conditions. */
export function matchConditionsErrors(
  conditions: readonly MatchCondition[] | undefined,
  path: string,
  environment: () => CelEnvironment,
): FieldError[] {
  const count = conditions?.length ?? 0;
  const names = (conditions ?? []).map(({ name }) => name);
  return [
    ...(count > maxConditions ? [tooMany(path, count, maxConditions)] : []),
    ...each(conditions, path, ({ name, expression }, own, index) => [
      ...(expression.trim() === ''
        ? [required(`${own}.expression`)]
        : expressionErrors(environment(), {
            text: expression.trim(),
            path: `${own}.expression`,
            types: ['bool'],
          })),
      ...(name === ''
        ? [required(`${own}.name`)]
        : qualifiedNameErrors(name).map((detail) => invalid(`${own}.name`, name, detail))),
      ...(name !== '' && names.indexOf(name) < index ? [duplicate(`${own}.name`, name)] : []),
    ]),
  ];
}
