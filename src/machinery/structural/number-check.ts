/** What is wrong with numbers by a schema. Source: the numberValidator of kube-openapi's validation/validate. */
import type { JsonSchema } from './json-schema.ts';
import type { Check } from './schema-combinations.ts';
import * as failures from './schema-failure.ts';

/** The type and format that a schema gives to numbers; '' for none. */
export interface NumberForm {
  readonly type: string;
  readonly format: string;
}

/** The check of a schema's numbers; undefined when it says nothing of them. */
export function numberCheck(schema: JsonSchema, form: NumberForm): Check | undefined {
  const { maximum, minimum, multipleOf, exclusiveMaximum, exclusiveMinimum } = schema;
  const bounds = [
    ['MultipleOf', multipleOf],
    ['Minimum boundary', minimum],
    ['Maximum boundary', maximum],
  ] as const;
  const bounded = bounds.some(([, bound]) => bound !== undefined);
  if (!bounded && form.type !== 'integer' && form.format !== 'float') return undefined;
  const odd = bounds.filter(([, bound]) => bound !== undefined && !fits(bound, form)).map(([name]) => name);
  return ({ value, path }, { failures: found }) => {
    if (typeof value !== 'number' && typeof value !== 'bigint') return;
    const refuse = (problem: string): void => void found.push(failures.valueFailure(path, value, problem));
    for (const name of fits(value, form) ? odd : ['Checked', ...odd]) {
      found.push(failures.compositeFailure(`${name} value must be of type ${formText(form)} in ${path}`));
    }
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) refuse(`should be a multiple of ${multipleOf}`);
    if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
      refuse(`should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
    }
    if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
      refuse(`should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
    }
  };
}

function formText({ type, format }: NumberForm): string {
  return format === '' ? `${type} (default format)` : `${type} with format ${format}`;
}

/** Whether a type and format can represent a number. */
function fits(value: number | bigint, { type, format }: NumberForm): boolean {
  if (type !== 'integer') return format !== 'float' || Number.isFinite(Math.fround(Number(value)));
  if (typeof value === 'number' && !Number.isInteger(value)) return false;
  const limit = format === 'int32' ? 2 ** 31 : 2 ** 63;
  // The largest int64 is rounded up to 2^63 when it is parsed.
  return value >= -limit && (format === 'int32' ? value < limit : value <= limit);
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === 'bigint' && Number.isInteger(factor)) return value % BigInt(factor) === 0n;
  return Number.isInteger(factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor);
}
