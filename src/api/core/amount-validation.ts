/** Checks of amounts that are a number or a percentage. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { percentErrors } from '../../machinery/formats.ts';
import { nonNegative } from './value-checks.ts';

/** A number or a percentage. */
export type Amount = number | string;

/** A number that must not be negative, or a percentage; absent is fine. */
export function amountErrors(value: Amount | undefined, path: string): FieldError[] {
  if (value === undefined || typeof value === 'number') return nonNegative(value, path);
  return percentErrors(value).map((detail) => invalid(path, value, detail));
}

/** A percentage above 100; absent is fine. */
export function excessErrors(value: Amount | undefined, path: string): FieldError[] {
  const isTooMuch = typeof value === 'string' && percentErrors(value).length === 0 && Number.parseInt(value, 10) > 100;
  return isTooMuch ? [invalid(path, value, 'must not be greater than 100%')] : [];
}

/** Whether an amount is nothing, be it 0 or 0%. */
export function isNoAmount(value: Amount | undefined): boolean {
  return value === undefined || Number.parseInt(String(value), 10) === 0;
}
