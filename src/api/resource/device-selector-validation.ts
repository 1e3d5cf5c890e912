/** Expressions that select devices. Source: kubernetes' dynamic-resource-allocation/cel. */
import { celTypes, mapType, objectType } from '../../machinery/cel/cel-type.ts';
import type { CelType } from '../../machinery/cel/cel-type.ts';
import { CelError } from '../../machinery/cel/cel-error.ts';
import { createCelEnvironment } from '../../machinery/cel/environment.ts';
import type { CelEnvironment } from '../../machinery/cel/environment.ts';
import { quantityType } from '../../machinery/cel/libraries/quantity.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required, tooLong } from '../../machinery/field-error.ts';
import type { DeviceSelector } from './device-class.ts';
import { limited } from './resource-checks.ts';

const maxSelectors = 32;
/** The longest expression, in bytes. */
const maxExpression = 10 * 1024;
/** What an expression may cost at most. */
const maxCost = 1_000_000;

const byDomain = (values: CelType): CelType => mapType(celTypes.string, mapType(celTypes.string, values));
const deviceFields = new Map(
  Object.entries({
    driver: celTypes.string,
    attributes: byDomain(celTypes.dyn),
    capacity: byDomain(quantityType),
    allowMultipleAllocations: celTypes.bool,
  }).map(([name, type]) => [name, { name, type }]),
);

let environment: CelEnvironment | undefined;

/** The environment of expressions about a `device`; made when it is first needed. */
export function deviceEnvironment(): CelEnvironment {
  return (environment ??= createCelEnvironment({
    variables: { device: objectType('kubernetes.DRADevice', () => deviceFields) },
  }));
}

/** What is wrong with selectors of devices. */
export function selectorsErrors(selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] {
  return limited(selectors, { path, max: maxSelectors }, ({ cel }, own) =>
    cel ? expressionErrors(cel.expression, `${own}.cel.expression`) : [required(`${own}.cel`)],
  );
}

function expressionErrors(expression: string, path: string): FieldError[] {
  if (expression.length > maxExpression) return [tooLong(path, '', maxExpression)];
  try {
    const { type, cost } = deviceEnvironment().compile(expression);
    if (type.kind !== 'bool' && type.kind !== 'dyn' && type.kind !== 'any') {
      return [invalid(path, expression, `must evaluate to bool or the unknown type, not ${type.kind}`)];
    }
    return cost.max > maxCost ? [forbidden(path, 'too complex, exceeds cost limit')] : [];
  } catch (error) {
    if (error instanceof CelError) return [invalid(path, expression, `compilation failed: ${error.message}`)];
    throw error;
  }
}
