/** What is wrong with a value by its JSON schema, in the words of kube-openapi. Source: validation/errors. */
import type { FieldError } from '../field-error.ts';
import { invalid, required, tooLong, tooMany } from '../field-error.ts';

/** A fault at `name`, the path within the validated value; '' for faults that name no place. */
export interface SchemaFailure {
  readonly name: string;
  /** Makes the field error, given the whole path. */
  toFieldError(field: string): FieldError;
}

/** A value of a wrong type or format. `actual` is what is told of it. */
export function typeFailure(name: string, type: string, actual: string): SchemaFailure {
  const detail = `${name} in body must be of type ${type}: ${JSON.stringify(actual)}`;
  return { name, toFieldError: (field) => ({ type: 'FieldValueTypeInvalid', field, value: actual, detail }) };
}

/** A required member that is absent. */
export function requiredFailure(name: string): SchemaFailure {
  return { name, toFieldError: (field) => required(field) };
}

/** A value that is none of an enumeration. */
export function enumFailure(name: string, value: unknown, allowed: readonly unknown[]): SchemaFailure {
  const texts = allowed.map((one) => JSON.stringify(typeof one === 'string' ? one : JSON.stringify(one)));
  const detail = `supported values: ${texts.join(', ')}`;
  return { name, toFieldError: (field) => ({ type: 'FieldValueNotSupported', field, value, detail }) };
}

/** A text that is too long; `max` in characters. */
export function tooLongFailure(name: string, max: number): SchemaFailure {
  return { name, toFieldError: (field) => tooLong(field, '', max) };
}

/** A list or map with too many elements. */
export function tooManyFailure(name: string, actual: number, max: number): SchemaFailure {
  return { name, toFieldError: (field) => tooMany(field, actual, max) };
}

/** Any other fault of a value: `problem` follows the name, as in `spec.x in body should be …`. */
export function valueFailure(name: string, value: unknown, problem: string): SchemaFailure {
  return { name, toFieldError: (field) => invalid(field, value ?? '', `${name} in body ${problem}`) };
}

/** A fault of a combination of schemas, which names its place only in its text. */
export function compositeFailure(text: string): SchemaFailure {
  return { name: '', toFieldError: (field) => invalid(field, '', text) };
}

/** The field error of a failure below `prefix`; a path that names nothing is `<nil>`, as Go prints it. */
export function asFieldError(failure: SchemaFailure, prefix = ''): FieldError {
  const name = failure.name.replace(/^\./, '');
  const path = prefix === '' || name === '' ? `${prefix}${name}` : `${prefix}.${name}`;
  return failure.toFieldError(path === '' ? '<nil>' : path);
}
