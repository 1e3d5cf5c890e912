/** One thing wrong with one field. Source: field.Error. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Such as `spec.containers[0].name`. */
  readonly field: string;
  readonly value?: unknown;
  readonly detail: string;
}

/** The reasons of field errors, as they travel in `details.causes[].reason`. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** A required value is missing. */
export const required = (field: string, detail = ''): FieldError => ({ type: 'FieldValueRequired', field, detail });
/** A value is malformed or out of range. */
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  value,
  detail,
});
/** A value may not be set or changed here. */
export const forbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  detail,
});
/** A value stands twice where it must be unique. */
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  value,
  detail: '',
});
/** A reference leads nowhere. */
export const notFound = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  value,
  detail: '',
});
/** A value is too long; `max` in bytes. */
export const tooLong = (field: string, value: unknown, max: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  value,
  detail: `may not be more than ${max} bytes`,
});
/** A list has too many elements. */
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  value: actual,
  detail: `must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
});
/** A value is none of those allowed, which are told in the order given. */
export const notSupported = (field: string, value: unknown, allowed: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  value,
  detail: `supported values: ${allowed.map((v) => JSON.stringify(v)).join(', ')}`,
});

/** Stands for the value of an error that says nothing of it. Source: field.OmitValueType. */
export const omittedValue = Symbol('omitted');

const titles: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

const valueless: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** What is wrong, without the field's name: `Invalid value: "x": must be …`. */
export function fieldErrorBody(error: FieldError): string {
  const isShown = !valueless.has(error.type) && error.value !== omittedValue;
  const value = !isShown ? '' : `: ${formatFieldValue(error.value)}`;
  return `${titles[error.type]}${value}${error.detail === '' ? '' : `: ${error.detail}`}`;
}

/** The whole sentence: `spec.x: Invalid value: …`. */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

function formatFieldValue(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

/** Several errors as one text, in brackets as Go's aggregates show them; undefined where there are none. */
export function fieldErrorsText(errors: readonly FieldError[]): string | undefined {
  const texts = errors.map(fieldErrorText);
  return texts.length > 1 ? `[${texts.join(', ')}]` : texts[0];
}
