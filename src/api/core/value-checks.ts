/** Checks of single values that many fields share, each giving field errors at a path. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { negativeError, portNameErrors, portNumberErrors, rangeError } from '../../machinery/formats.ts';
import type { FormatCheck } from '../../machinery/formats.ts';

/** A text of a format; absent or empty is fine. */
export function formatted(value: string | undefined, path: string, check: FormatCheck): FieldError[] {
  return value ? check(value).map((detail) => invalid(path, value, detail)) : [];
}

/** A text of a format that must be there. */
export function requiredFormat(value: string | undefined, path: string, check: FormatCheck): FieldError[] {
  return value ? formatted(value, path, check) : [required(path)];
}

/** A text that must be there. */
export function present(value: string | undefined, path: string, detail = ''): FieldError[] {
  return value ? [] : [required(path, detail)];
}

/** A number that must not be negative; absent is fine. */
export function nonNegative(value: number | undefined, path: string): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, negativeError)] : [];
}

/** A number within bounds; absent is fine. */
export function inRange(value: number | undefined, path: string, [low, high]: readonly [number, number]): FieldError[] {
  return value !== undefined && (value < low || value > high) ? [invalid(path, value, rangeError(low, high))] : [];
}

/** A port by number or by name; an absent one is port 0. */
export function portOrName(value: number | string = 0, path: string): FieldError[] {
  const errors = typeof value === 'number' ? portNumberErrors(value) : portNameErrors(value);
  return errors.map((detail) => invalid(path, value, detail));
}

/** A relative path that does not lead out. */
export function relativePath(value: string, path: string): FieldError[] {
  return [
    ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
    ...noBacksteps(value, path),
  ];
}

/** A path without `..`. */
export function noBacksteps(value: string, path: string): FieldError[] {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : [];
}

/** Permission bits. */
export function fileMode(value: number | undefined, path: string): FieldError[] {
  if (value === undefined || (value >= 0 && value <= 0o777)) return [];
  return [invalid(path, value, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

/** Checks each element of a list at `path[i]`. */
export function each<T>(
  items: readonly T[] | undefined,
  path: string,
  check: (item: T, path: string, index: number) => readonly FieldError[],
): FieldError[] {
  return (items ?? []).flatMap((item, index) => check(item, `${path}[${index}]`, index));
}
